"""One way to JSON and back for all that is kept: what is written was read back and compared first."""

from .codec import TYPES, Codec, Secrets, Written
from .errors import CannotWriteError, FormatError
from .reachable import Found as Unwritable
from .reachable import own_annotations, unwritable
from .secrets import holds_secrets
from .ways import Way, register

__all__ = [
    "TYPES",
    "CannotWriteError",
    "Codec",
    "FormatError",
    "Secrets",
    "Unwritable",
    "Way",
    "Written",
    "holds_secrets",
    "own_annotations",
    "register",
    "unwritable",
]
