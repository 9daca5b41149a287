"""All mutants: application, authorization server, identity provider; then what only further profiles can see."""

from .administration import ADMINISTRATION
from .application import APPLICATION
from .authentication import AUTHENTICATION
from .consent import CONSENT
from .hygiene import HYGIENE
from .isolation import ISOLATION
from .mutant import Mutant
from .notification import NOTIFICATION
from .provider import PROVIDER
from .server import SERVER

MUTANTS: tuple[Mutant, ...] = (
    *APPLICATION, *SERVER, *PROVIDER, *HYGIENE, *ISOLATION, *NOTIFICATION, *AUTHENTICATION, *CONSENT, *ADMINISTRATION,
)  # fmt: skip
"""In the order of the layers, then of the profiles; names are unique."""
