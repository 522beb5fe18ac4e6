"""From a request to the questions that must be answered before it passes. Fails closed, and asks nobody."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

import grpc

from modelgate._denial import Denial
from modelgate.answer import Answer, Question
from modelgate.principals import Call, Caller, Principals, UnprovenError
from modelgate.protect import Malformed, Outcome, Protection, Targets, Unmapped

LOGGER = logging.getLogger("modelgate")

WATCHED_MAX = 1_000
"""How many accesses one call may have watched; a stream that names more models is cut."""


class Guard:
    """A protection document and where callers are proven."""

    def __init__(self, protection: Protection, principals: Principals | None) -> None:
        """Raises ProtectionError unless the document says who calls, or `principals` does."""
        self.protection = protection
        self.principals = Principals.of(protection) if principals is None else principals

    def caller(self, call: Callable[[], Call]) -> Caller | Denial:
        """Who calls. Blocks where a key set is fetched; see `Principals.may_block`."""
        try:
            return self.principals.caller(call())
        except UnprovenError as e:
            LOGGER.debug("a call proves no principal: %s", e)
        except Exception:
            LOGGER.warning("the principal of a call could not be extracted", exc_info=True)
        return Denial.unauthenticated()

    async def caller_on_loop(self, call: Callable[[], Call]) -> Caller | Denial:
        """As `caller`, without blocking the event loop."""
        return await asyncio.to_thread(self.caller, call) if self.principals.may_block else self.caller(call)

    def questions(self, caller: Caller, outcome: Outcome) -> list[Question] | Denial:
        """What to ask for an outcome that has targets; anything else is denied."""
        if isinstance(outcome, Malformed):
            return Denial.malformed(outcome)
        if not isinstance(outcome, Targets):
            return Denial.unmapped(outcome if isinstance(outcome, Unmapped) else Unmapped("no rule for this request"))
        try:
            return [
                Question(caller.principal, target.resource, target.action, caller.acting_through)
                for target in outcome.targets
            ]
        except ValueError:
            LOGGER.warning("a question could not be formed", exc_info=True)
            return Denial.unmapped(Unmapped("the request names no model"))


def first_denial(answers: list[Answer]) -> Denial | None:
    """Of the first answer that does not allow, or None if all do."""
    return next((Denial.of(answer) for answer in answers if not answer.allowed), None)


def failed() -> Denial:
    """Something went wrong on the way to a question."""
    return Denial(grpc.StatusCode.PERMISSION_DENIED, "NO_MODEL", "the request could not be mapped")


def too_many() -> Denial:
    """A stream names more models than are watched."""
    return Denial.malformed(Malformed(f"more than {WATCHED_MAX} models on one stream"))
