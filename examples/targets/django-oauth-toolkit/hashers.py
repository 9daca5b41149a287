"""A cheaper password hash: Django's own with fewer rounds, since each token request checks a client secret with it."""

from django.contrib.auth.hashers import PBKDF2PasswordHasher


class Quick(PBKDF2PasswordHasher):
    """For demo passwords and client secrets."""

    iterations = 1000
