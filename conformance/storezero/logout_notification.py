"""Telling applications of a logout: logout tokens through the back channel, frames through the front channel."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from secrets import token_urlsafe
from typing import Literal, get_args

import httpx

from .id_token_rules import LOGOUT_EVENT
from .parameters import with_query
from .provider_context import ProviderContext
from .provider_records import Client, ServerSession
from .tokens import sign, signing_key

LogoutTokenFault = Literal["signature", "iss", "aud", "expired", "without events", "with nonce", "without sid and sub"]
LOGOUT_TOKEN_FAULTS: tuple[LogoutTokenFault, ...] = get_args(LogoutTokenFault)


@dataclass(frozen=True)
class EndedSession:
    """What there is to tell of a session that has ended: whose it was, its `sid`, and who took part in it."""

    sub: str
    sid: str
    clients: tuple[Client, ...]


class LogoutNotifier:
    """Tells the applications of one provider."""

    def __init__(self, context: ProviderContext, http: httpx.AsyncClient | None) -> None:
        """`http` reaches the applications' back channels; without it nobody is told there."""
        self._context = context
        self._http = http

    def of(self, session: ServerSession) -> EndedSession | None:
        """Return what there will be to tell; to be asked before the session ends. None if nobody is logged in."""
        account, decisions = session.account, self._context.decisions
        if account is None or session.sid is None:
            return None
        clients = (self._context.clients.get(name) for name in decisions.participants(session))
        return EndedSession(account.sub, session.sid, tuple(c for c in clients if c is not None))

    async def end(self, session: ServerSession) -> None:
        """End a session for a reason of our own, and tell the applications through the back channel."""
        ended = self.of(session)
        self._context.decisions.end_session(session)
        if ended is not None:
            await self.tell(ended)

    async def tell(self, ended: EndedSession) -> list[str]:
        """Send logout tokens (Back-Channel Logout 1.0 section 2.5); return the addresses of frames to be shown.

        An application that cannot be reached is not told, and keeps nobody from logging out.
        """
        frames = []
        for client in ended.clients:
            if client.backchannel_logout_uri and self._http is not None:
                token = self.token(client, ended.sub, ended.sid)
                try:
                    await self._http.post(client.backchannel_logout_uri, data={"logout_token": token})
                except httpx.HTTPError:
                    continue
            if client.frontchannel_logout_uri:
                frames.append(self.frontchannel_address(client, ended.sid))
        return frames

    def frontchannel_address(self, client: Client, sid: str) -> str:
        """Return where the browser goes to tell `client` (Front-Channel Logout 1.0 section 2)."""
        return with_query(client.frontchannel_logout_uri or "", {"iss": self._context.config.issuer, "sid": sid})

    def token(
        self,
        client: Client,
        sub: str,
        sid: str,
        names: Sequence[str] = ("sid", "sub"),
        fault: LogoutTokenFault | None = None,
    ) -> str:
        """Return a signed logout token that `names` session, user or both (section 2.4); with `fault` a wrong one."""
        now, key = int(self._context.clock.now()), self._context.key
        claims: dict[str, object] = {
            "iss": self._context.config.issuer,
            "aud": client.client_id,
            "iat": now,
            "exp": now + 120,
            "jti": token_urlsafe(16),
            "events": {LOGOUT_EVENT: {}},
            **{name: value for name, value in (("sub", sub), ("sid", sid)) if name in names},
        }
        match fault:
            case "signature":
                key = replace(signing_key("nobody whose key is published", key.alg), kid=key.kid)
            case "iss":
                claims["iss"] = "http://another-issuer.invalid"
            case "aud":
                claims["aud"] = "another-client"
            case "expired":
                claims |= {"iat": now - 7200, "exp": now - 3600}
            case "without events":
                del claims["events"]
            case "with nonce":
                claims["nonce"] = token_urlsafe(16)
            case "without sid and sub":
                claims = {name: value for name, value in claims.items() if name not in ("sid", "sub")}
        return sign(claims, key, "logout+jwt")
