"""What is asked, and what the sidecar decided."""

from __future__ import annotations

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import grpc

_DEPTH_MAX = 32


class Outcome(enum.Enum):
    """What a check decides."""

    ALLOWED = "ALLOWED"
    DENIED = "DENIED"
    """Denied, or not decided: see `Answer.cause`."""
    CONDITIONAL = "CONDITIONAL"
    """Would turn on attributes that the context lacks. Read it as a denial, or ask with them."""


class CheckError(Exception):
    """Why no decision was read: the sidecar failed, did not answer in time, or refused the question."""

    def __init__(self, code: grpc.StatusCode, message: str, reason: str = "", retry_after: float | None = None) -> None:
        """`retry_after` is in seconds, never negative; None if the sidecar gave none."""
        super().__init__(f"{code.name}: {message}")
        self.code = code
        self.message = message
        self.reason = reason or code.name
        self.retry_after = retry_after


@dataclass(frozen=True, slots=True)
class Answer:
    """A decision, or that there is none.

    Invariant: `allowed`, which is also what an answer is in an `if`, is true only for an explicit decision to allow. A
    failure, a timeout and a decision that this version does not know are DENIED with a `cause`.
    """

    outcome: Outcome
    reason: str = ""
    """Why not, in UPPER_SNAKE such as `NO_GRANT`; empty on allow. With a cause the sidecar's error reason or, if it
    gave none, the name of the gRPC status such as `DEADLINE_EXCEEDED`."""
    revision: str = ""
    """The answer holds at this revision; opaque, empty where there is none."""
    valid_until: datetime | None = None
    """The earliest time at which the answer could be another with no change made. No promise: a revoke ends it."""
    denied_link: str = ""
    """Which member of `Question.acting_through` was denied; empty: none."""
    missing_attributes: tuple[str, ...] = ()
    """With CONDITIONAL the attributes that the context lacks, sorted."""
    cause: CheckError | None = None

    def __post_init__(self) -> None:
        if self.cause is not None and self.outcome is not Outcome.DENIED:
            raise ValueError(f"outcome: `{self.outcome.name}` (expected: DENIED with a cause)")

    @property
    def allowed(self) -> bool:
        """Whether the action may go ahead."""
        return self.outcome is Outcome.ALLOWED

    def __bool__(self) -> bool:
        return self.allowed

    @staticmethod
    def failed(cause: CheckError) -> Answer:
        """A denial because no decision was read."""
        return Answer(Outcome.DENIED, cause.reason, cause=cause)


@dataclass(frozen=True, slots=True)
class Question:
    """May `principal` do `action` on `model`? The fields are those of CheckRequest in proto/.

    Raises ValueError if a name is empty, a string is not Unicode, or the context has a value other than string, number,
    boolean, list and mapping or is nested more than 32 deep. The secret is left out of its text form.
    """

    principal: str
    model: str
    action: str
    acting_through: Sequence[str] = ()
    context: Mapping[str, object] = field(default_factory=dict)
    link_secret: str = field(default="", repr=False)

    def __post_init__(self) -> None:
        for name in ("principal", "model", "action"):
            if not _text(name, getattr(self, name)):
                raise ValueError(f"{name}: `` (expected: not empty)")
        if isinstance(self.acting_through, str):
            raise ValueError("acting_through: a string (expected: a sequence of strings)")
        object.__setattr__(self, "acting_through", tuple(_text("acting_through", link) for link in self.acting_through))
        object.__setattr__(self, "context", {_text("context", key): _value(each, 1) for key, each in self.context.items()})
        _text("link_secret", self.link_secret)


def _text(name: str, value: object) -> str:
    if not isinstance(value, str):
        raise ValueError(f"{name}: a {type(value).__name__} (expected: a string)")
    try:
        value.encode()
    except UnicodeEncodeError as e:
        raise ValueError(f"{name}: half a surrogate pair (expected: Unicode)") from e
    return value


def _value(value: object, depth: int) -> object:
    if depth > _DEPTH_MAX:
        raise ValueError(f"context: expected at most {_DEPTH_MAX} levels")
    if isinstance(value, str):
        return _text("context", value)
    if isinstance(value, (bool, int, float)):
        return value
    if isinstance(value, Mapping):
        return {_text("context", key): _value(each, depth + 1) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_value(each, depth + 1) for each in value]
    raise ValueError(f"context: a {type(value).__name__} (expected: string, number, boolean, list or mapping)")
