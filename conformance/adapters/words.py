"""The words by which people recognise what a button or link is for, in English, German and French.

All in lower case. A word of up to three letters must stand alone or first ("No, stay here"); longer ones may stand
anywhere. Add words freely: of two that fit equally closely the earlier one wins.
"""

from __future__ import annotations

from enum import StrEnum


class Meaning(StrEnum):
    """What a button or link is for; each is also a key of `[selectors]` in the target file."""

    ALLOW = "allow"
    DENY = "deny"
    CANCEL = "cancel"
    CONFIRM_LOGOUT = "confirm_logout"
    DECLINE_LOGOUT = "decline_logout"
    PROVIDER = "provider"


WORDS: dict[Meaning, tuple[str, ...]] = {
    Meaning.ALLOW: (
        "allow", "accept", "agree", "approve", "authorize", "authorise", "grant", "consent", "continue", "yes",
        "erlauben", "zulassen", "zustimmen", "akzeptieren", "autorisieren", "weiter", "ja",
        "autoriser", "accepter", "continuer", "oui",
    ),
    Meaning.DENY: (
        "deny", "decline", "disallow", "reject", "refuse", "do not allow", "don't allow", "cancel", "no",
        "ablehnen", "verweigern", "nicht zulassen", "abbrechen", "nein",
        "refuser", "ne pas autoriser", "annuler", "non",
    ),
    Meaning.CANCEL: (
        "cancel", "abort", "back to application", "abbrechen", "annuler",
    ),
    Meaning.CONFIRM_LOGOUT: (
        "log out", "logout", "log me out", "sign out", "sign me out", "end session", "confirm", "continue", "yes",
        "abmelden", "ausloggen", "bestätigen", "ja",
        "se déconnecter", "déconnexion", "me déconnecter", "confirmer", "oui",
    ),
    Meaning.DECLINE_LOGOUT: (
        "stay signed in", "stay logged in", "stay", "keep me signed in", "cancel", "do not log out", "don't log out",
        "no", "angemeldet bleiben", "nicht abmelden", "abbrechen", "nein",
        "rester connecté", "ne pas se déconnecter", "annuler", "non",
    ),
    Meaning.PROVIDER: (
        "log in with", "login with", "sign in with", "continue with", "log in via", "sign in via", "single sign-on",
        "sso", "anmelden mit", "anmelden über", "se connecter avec", "continuer avec",
    ),
}  # fmt: skip

NEGATIONS = ("do not", "don't", "dont", "not", "never", "nicht", "ne pas")
"""Words that turn a meaning round, unless they belong to the phrase that fits."""

NOT_THE_LOGIN_BUTTON = (
    "cancel", "back", "forgot", "reset", "register", "sign up", "create account", "show", "resend", "help",
    "abbrechen", "zurück", "vergessen", "registrieren", "annuler", "retour", "oublié", "inscrire",
)  # fmt: skip

LOGIN = ("log in", "login", "sign in", "signin", "anmeld", "einloggen", "connexion", "connecter", "identif")
"""Parts of the title of a login page."""

USER_NAME = ("user", "login", "email", "mail", "uid", "account", "ident", "benutzer", "kennung", "utilisateur")
"""Parts of the name or id of a field for the user name."""

REMEMBER = ("remember", "persist", "keep me", "keepme", "stay logged", "stay signed", "angemeldet", "rester connect")
"""Parts of the name, id or label of the box for a login that outlives the browser."""

ONE_TIME_CODE = ("otp", "totp", "one-time", "onetime", "mfa", "2fa", "passcode", "verification", "security-code")
"""Parts of the name, id or autocomplete of a field for a second factor, which is no user name."""
