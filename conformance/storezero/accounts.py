"""The users of a provider: local ones with a password, and federated ones that another provider vouches for."""

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

import pyotp

# Real deployments use a slow hash (argon2, scrypt) because the hashes outlive the process in a database that can be
# stolen. These live in memory only, for one process, under a salt that dies with it; thousands of logins a minute are
# the point.
_SALT = secrets.token_bytes(16)
_ROUNDS = 10


@dataclass(frozen=True)
class Account:
    """One user. `sub` is stable and never reassigned (Core 2); `username` is for people to read."""

    sub: str
    username: str


class Accounts:
    """All users of one provider."""

    def __init__(self, issuer: str, passwords: Mapping[str, str], second_factors: Mapping[str, str]) -> None:
        """Take the local users as a mapping from user name to password, and to the secret of their second factor.

        The secrets are those of RFC 6238 (time-based one-time passwords), in base32.
        """
        self._second_factors = second_factors
        self._issuer = issuer
        self._local = {name: Account(self._subject("local", name), name) for name in passwords}
        self._first_hashes = {name: _hash(password) for name, password in passwords.items()}
        self._hashes = dict(self._first_hashes)
        self._nobody = _hash(secrets.token_urlsafe())

    def find(self, username: str) -> Account | None:
        """Return the local user of that name, if there is one."""
        return self._local.get(username)

    def reset(self) -> None:
        """Give all local users their first passwords back."""
        self._hashes = dict(self._first_hashes)

    def set_password(self, username: str, password: str) -> None:
        """Give a local user another password."""
        self._hashes[username] = _hash(password)

    def authenticate(self, username: str, password: str) -> Account | None:
        """Return the local user whose name and password these are, or None; takes equally long for unknown names."""
        expected = self._hashes.get(username, self._nobody)
        return self.find(username) if hmac.compare_digest(_hash(password), expected) else None

    def second_factor_fits(self, username: str, code: str, now: float) -> bool:
        """Tell whether `code` is the user's one-time password at `now` (epoch seconds), or of a step beside it."""
        secret = self._second_factors.get(username)
        return secret is not None and pyotp.TOTP(secret).verify(
            code, for_time=datetime.fromtimestamp(now, UTC), valid_window=1
        )

    def federated(self, provider: str, issuer: str, subject: str, username: str) -> Account:
        """Return the account of a user of another provider, known by (issuer, sub) alone.

        It is an account of its own: an equal user name or e-mail address is no proof that it is the same person as a
        local user, so the two are never merged. `provider` is our short name for the issuer, shown after an at sign.
        """
        return Account(self._subject(issuer, subject), f"{username}@{provider}")

    def _subject(self, *parts: str) -> str:
        joined = "\x00".join((self._issuer, *parts))
        return hashlib.sha256(joined.encode()).hexdigest()[:20]


def _hash(password: str) -> bytes:
    return hashlib.pbkdf2_hmac("sha256", password.encode(), _SALT, _ROUNDS)
