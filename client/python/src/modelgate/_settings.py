"""What both clients are told."""

from __future__ import annotations

import os
from collections.abc import Sequence

from modelgate._watches import LOST_AFTER_MS
from modelgate.answer import Question
from modelgate.endpoint import Endpoint, Tls, endpoint

BATCH_MAX = 1_000
"""How many questions one batch may have."""

DEADLINE_MS = 50
"""How long a check may take, its repetition included, unless the client says otherwise."""

_DAY_MS = 86_400_000


class Settings:
    """Checked once, when a client is made."""

    def __init__(
        self,
        address: str | None,
        socket: str | os.PathLike[str] | None,
        socket_owner: int | None,
        tls: Tls | None,
        deadline_ms: float,
        watch_lost_after_ms: float,
    ) -> None:
        self.deadline = seconds("deadline_ms", deadline_ms)
        self.lost_after = seconds("watch_lost_after_ms", watch_lost_after_ms)
        self.endpoint: Endpoint = endpoint(address, socket, socket_owner, tls)


def seconds(name: str, milliseconds: float) -> float:
    """Raises ValueError unless it is more than 0 and at most a day."""
    if not 0 < milliseconds <= _DAY_MS:
        raise ValueError(f"{name}: {milliseconds} (expected: more than 0, at most {_DAY_MS})")
    return milliseconds / 1000


def require_batch(questions: Sequence[Question]) -> None:
    """Raises ValueError if there are too many."""
    if len(questions) > BATCH_MAX:
        raise ValueError(f"questions: {len(questions)} (expected: 0..{BATCH_MAX})")


__all__ = ["BATCH_MAX", "DEADLINE_MS", "LOST_AFTER_MS", "Settings", "require_batch", "seconds"]
