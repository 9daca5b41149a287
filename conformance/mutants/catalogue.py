"""All mutants: application, authorization server, identity provider."""

from .application import APPLICATION
from .mutant import Mutant
from .provider import PROVIDER
from .server import SERVER

MUTANTS: tuple[Mutant, ...] = (*APPLICATION, *SERVER, *PROVIDER)
"""In the order of the layers; names are unique."""
