"""What runs for a caller on an event loop, for as long as he may."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Coroutine
from typing import Any

from modelgate import aio
from modelgate._denial import Denial
from modelgate._guard import WATCHED_MAX, too_many
from modelgate.answer import Answer, Question


class CutError(Exception):
    """The work was ended, or asks for something that does not pass."""

    def __init__(self, denial: Denial) -> None:
        super().__init__(denial.message)
        self.denial = denial


class Cut:
    """The accesses that one call was begun for, which are watched until it is closed.

    Invariant: once it is denied it stays so, and nothing more passes.
    """

    def __init__(self, client: aio.ModelgateClient) -> None:
        self._client = client
        self._watches: dict[tuple[str, str], aio.Watch] = {}
        self._denied: asyncio.Future[Denial] = asyncio.get_running_loop().create_future()
        self.until = math.inf
        """When the caller's credentials end, in seconds of Unix time."""
        self._closed = False

    async def watch(self, questions: list[Question]) -> Denial | None:
        """Why these may not pass. They are watched from now on."""
        for question in questions:
            key = question.model, question.action
            if key in self._watches:
                answer = await self._client.ask(question)
            elif len(self._watches) >= WATCHED_MAX:
                return too_many()
            else:
                watch = self._watches[key] = await self._client.watch(question, self._ended)
                answer = watch.answer
            if not answer.allowed:
                return Denial.of(answer)
        return None

    def _ended(self, answer: Answer) -> None:
        self.deny(Denial.of(answer))

    def deny(self, denial: Denial) -> None:
        """Ends the work, unless it is closed; the first denial counts."""
        if not self._denied.done() and not self._closed:
            self._denied.set_result(denial)

    def require_passing(self) -> None:
        """Raises CutError once it is denied."""
        if self._denied.done():
            raise CutError(self._denied.result())

    async def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        """What the work returns or raises. Raises CutError as soon as it is denied; the work is cancelled then."""
        running = asyncio.ensure_future(work)
        remaining = None if self.until == math.inf else max(0.0, self.until - time.time())
        try:
            await asyncio.wait({running, self._denied}, timeout=remaining, return_when=asyncio.FIRST_COMPLETED)
            if not running.done():
                self.deny(Denial.unauthenticated())  # Unless something else was first, a credential has ended.
                if self._closed:
                    await asyncio.wait({running})
            self.require_passing()
            return running.result()
        finally:
            running.add_done_callback(retrieve)
            running.cancel()

    def close(self) -> None:
        """Watches no more, so that nothing is denied any more. Idempotent."""
        self._closed = True
        for watch in self._watches.values():
            watch.close()


def retrieve(running: asyncio.Future[Any]) -> None:
    """What work raises after it was cut concerns nobody."""
    if not running.cancelled():
        running.exception()
