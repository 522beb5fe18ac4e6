"""The watches that are open on one WatchAccess stream, whoever drives it."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable

import grpc

from modelgate._wire import from_item, to_answer, to_request, unset
from modelgate.answer import Answer, CheckError, Question
from modelgate.v1 import authorization_pb2

OPEN_MAX = 10_000
"""How many watches the sidecar lets be open on one stream."""

LOST_AFTER_MS = 1_000
"""After how long a silence everything that is watched is lost, unless the client says otherwise."""

ATTEMPTS = 3
"""How many streams a new watch tries, for one may be full or just lost."""

Listener = Callable[[Answer], None]
"""Is told the first answer and each that differs from the last. After one that does not allow nothing more comes."""


class Watches:
    """Which listener hears of which id. Safe for concurrent use; listeners are called without the lock.

    Invariant: a listener is registered until it was told an answer that does not allow, or was removed. Ids are never
    used again, so what the sidecar still says about a removed watch reaches nobody.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._ids = itertools.count(1)
        self._open: dict[int, Listener] = {}
        self._ending: set[int] = set()
        self._lost: CheckError | None = None

    def add(self, question: Question, listener: Listener) -> authorization_pb2.WatchAccessRequest | None:
        """The request that begins the watch; None if the stream is full or lost."""
        check = to_request(question)
        with self._lock:
            if self._lost is not None or len(self._open) + len(self._ending) >= OPEN_MAX:
                return None
            request = authorization_pb2.WatchAccessRequest(id=next(self._ids), check=check)
            self._open[request.id] = listener
            return request

    def remove(self, watch_id: int) -> authorization_pb2.WatchAccessRequest | None:
        """The request that ends the watch; None if it has ended."""
        with self._lock:
            if self._open.pop(watch_id, None) is None:
                return None
            self._ending.add(watch_id)
            return authorization_pb2.WatchAccessRequest(id=watch_id)

    def receive(self, response: authorization_pb2.WatchAccessResponse) -> authorization_pb2.WatchAccessRequest | None:
        """Tells whom it concerns. What is returned is to be sent: the end of a watch that has nothing more to tell."""
        if response.id == 0:
            return None
        which = response.WhichOneof("result")
        if which == "response":
            return self._answered(response.id, to_answer(response.response))
        if which == "error":
            answer = from_item(response.error)
        else:
            answer = unset() if which is None else Answer.failed(_over("the sidecar ended the watch"))
        with self._lock:
            self._ending.discard(response.id)
            listener = self._open.pop(response.id, None)
        if listener is not None:
            listener(answer)
        return None

    def _answered(self, watch_id: int, answer: Answer) -> authorization_pb2.WatchAccessRequest | None:
        with self._lock:
            listener = self._open.get(watch_id)
        if listener is None:
            return None
        end = None if answer.allowed else self.remove(watch_id)
        listener(answer)
        return end

    def lose(self, cause: CheckError) -> None:
        """Denies all that is open; nothing can be added any more. Idempotent."""
        with self._lock:
            self._lost = self._lost or cause
            listeners = list(self._open.values())
            self._open.clear()
        for listener in listeners:
            listener(Answer.failed(cause))


def silence(lost_after: float) -> CheckError:
    """Nothing was heard for `lost_after` seconds."""
    return CheckError(grpc.StatusCode.UNAVAILABLE, f"nothing heard for {lost_after * 1000:.0f} ms", "WATCH_LOST")


def ended() -> CheckError:
    """The sidecar ended the stream without an error."""
    return _over("the sidecar ended the watch stream")


def _over(message: str) -> CheckError:
    return CheckError(grpc.StatusCode.UNAVAILABLE, message, "WATCH_LOST")


def late(deadline: float) -> CheckError:
    """The first answer did not come within `deadline` seconds."""
    return CheckError(grpc.StatusCode.DEADLINE_EXCEEDED, f"no answer within {deadline * 1000:.0f} ms")


def closed() -> CheckError:
    """The client was closed."""
    return CheckError(grpc.StatusCode.CANCELLED, "the client is closed")
