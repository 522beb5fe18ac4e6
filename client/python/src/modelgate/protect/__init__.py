"""What each request to a prediction server asks for, by a protection document. Nothing here asks the sidecar."""

from modelgate.protect.document import BODY_BYTES_DEFAULT, MethodRule, Protection
from modelgate.protect.http import HttpRequest
from modelgate.protect.outcome import (
    Listing,
    Malformed,
    NeedsBody,
    Open,
    Outcome,
    ProtectionError,
    Target,
    Targets,
    Unmapped,
)

__all__ = [
    "BODY_BYTES_DEFAULT",
    "HttpRequest",
    "Listing",
    "Malformed",
    "MethodRule",
    "NeedsBody",
    "Open",
    "Outcome",
    "Protection",
    "ProtectionError",
    "Target",
    "Targets",
    "Unmapped",
]
