"""What a request asks for."""

from __future__ import annotations

from dataclasses import dataclass

TARGETS_MAX = 1_000
"""The most models that one request may name."""


@dataclass(frozen=True, slots=True)
class Target:
    """Something that must be allowed before a request passes: the full name of a model or version, and an action."""

    resource: str
    action: str


@dataclass(frozen=True, slots=True)
class Open:
    """It passes unasked."""


@dataclass(frozen=True, slots=True)
class Targets:
    """It passes when all of these, at least one and none twice, are allowed."""

    targets: tuple[Target, ...]


@dataclass(frozen=True, slots=True)
class Listing:
    """It passes, and of the list at the path `list` of its JSON response only those models are shown that the caller may
    do `action` on. Whoever does not see the response denies it."""

    list: str
    action: str


@dataclass(frozen=True, slots=True)
class Unmapped:
    """No rule matches it, or it names no model. `why` has nothing of the request."""

    why: str


@dataclass(frozen=True, slots=True)
class Malformed:
    """It can be read in more than one way, or in none. `why` has nothing of the request."""

    why: str


@dataclass(frozen=True, slots=True)
class NeedsBody:
    """Its model stands in the body, which is to be read first."""


Outcome = Open | Targets | Listing | Unmapped | Malformed | NeedsBody


class MalformedError(Exception):
    """Becomes `Malformed` at the edge of this package; the message has nothing of the request."""


class ProtectionError(Exception):
    """A document that is wrong: one line with the place, the value and what was expected."""
