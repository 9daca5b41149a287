"""All mutants: application, authorization server, identity provider; further profiles; more bugs of the field."""

from .administration import ADMINISTRATION
from .application import APPLICATION
from .application_field import APPLICATION_FIELD
from .authentication import AUTHENTICATION
from .consent import CONSENT
from .hygiene import HYGIENE
from .isolation import ISOLATION
from .kinds import KINDS
from .mutant import Mutant
from .notification import NOTIFICATION
from .provider import PROVIDER
from .remembering import REMEMBERING
from .server import SERVER
from .server_field import SERVER_FIELD

MUTANTS: tuple[Mutant, ...] = (
    *APPLICATION, *SERVER, *PROVIDER, *HYGIENE, *ISOLATION, *NOTIFICATION, *AUTHENTICATION, *CONSENT, *ADMINISTRATION,
    *REMEMBERING, *KINDS, *APPLICATION_FIELD, *SERVER_FIELD,
)  # fmt: skip
"""In the order of the layers, then of the profiles, then of the bugs; names are unique."""
