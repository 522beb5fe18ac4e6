"""Lists of models in responses, filtered to what a caller may use."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

from modelgate import aio
from modelgate._denial import Denial
from modelgate._settings import BATCH_MAX
from modelgate.answer import Question
from modelgate.protect._json import Found, JsonPath, parse
from modelgate.protect.outcome import MalformedError

_DROP = object()


async def filtered(
    client: aio.ModelgateClient, body: bytes | bytearray, path: str, question: Callable[[str], Question | None]
) -> bytes | Denial:
    """The JSON without the elements whose names, at the path, the caller may not use.

    `question` is what to ask for a name; None drops it. A failure of the sidecar, and a body of another shape, deny.
    """
    steps = JsonPath(path).steps
    found = Found()
    try:
        found.walk(parse(bytes(body)), steps)
    except MalformedError:
        return Denial.unreadable_list()
    questions = {name: asked for name in found.texts if (asked := question(name)) is not None}
    allowed: set[str] = set()
    names = list(questions)
    for begin in range(0, len(names), BATCH_MAX):
        part = names[begin : begin + BATCH_MAX]
        for name, answer in zip(part, await client.batch_check([questions[each] for each in part]), strict=True):
            denial = Denial.of(answer) if not answer.allowed else None
            if denial is not None and denial == Denial.unavailable():
                return denial
            if answer.allowed:
                allowed.add(name)
    kept = _prune(json.loads(body), steps, allowed)
    return json.dumps({} if kept is _DROP else kept).encode()


def _prune(value: Any, steps: Sequence[str | None], allowed: set[str]) -> Any:
    if not steps:
        return value if value in allowed else _DROP
    if steps[0] is None:
        return [kept for each in value if (kept := _prune(each, steps[1:], allowed)) is not _DROP]
    if steps[0] not in value:
        return _DROP
    kept = _prune(value[steps[0]], steps[1:], allowed)
    return _DROP if kept is _DROP else {**value, steps[0]: kept}
