"""The client for threads. `modelgate.aio` has the one for asyncio."""

from __future__ import annotations

import os
import queue
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from types import TracebackType

import grpc

from modelgate import _watches, _wire
from modelgate._settings import DEADLINE_MS, LOST_AFTER_MS, Settings, require_batch, seconds
from modelgate.answer import Answer, CheckError, Question
from modelgate.endpoint import Tls
from modelgate.v1 import authorization_pb2
from modelgate.v1.authorization_pb2_grpc import AuthorizationServiceStub


class ModelgateClient:
    """Asks a sidecar. One instance serves a whole process, from any thread, over one connection.

    Invariant: whatever goes wrong, the answer is a denial that keeps the cause. No check raises for a failure of the
    sidecar or the network; `Answer.allowed` is true only when the sidecar said so within the deadline.

        with ModelgateClient() as client:
            if client.check("user:ana@acme.com", "fraud", "predict").allowed: ...

    `socket` is the path of a unix socket, whose directory and owner are verified; `socket_owner` is a further uid that
    may own it. `address` is `host:port`; without `tls` it must be loopback. With none of them it is
    `modelgate-data/modelgate.sock` if that is there, and otherwise 127.0.0.1:7070. A check takes at most `deadline_ms`,
    its repetition included. A watch is lost when nothing is heard for `watch_lost_after_ms`.

    Raises ValueError for an address or a bound that is of no use and OSError for a file of TLS that cannot be read.
    """

    def __init__(
        self,
        *,
        address: str | None = None,
        socket: str | os.PathLike[str] | None = None,
        socket_owner: int | None = None,
        tls: Tls | None = None,
        deadline_ms: float = DEADLINE_MS,
        watch_lost_after_ms: float = LOST_AFTER_MS,
    ) -> None:
        settings = Settings(address, socket, socket_owner, tls, deadline_ms, watch_lost_after_ms)
        self._deadline = settings.deadline
        self._lost_after = settings.lost_after
        self._verify = settings.endpoint.verify
        target, options, credentials = settings.endpoint.target, settings.endpoint.options, settings.endpoint.credentials
        self._channel = (
            grpc.insecure_channel(target, options)
            if credentials is None
            else grpc.secure_channel(target, credentials, options)
        )
        self._stub = AuthorizationServiceStub(self._channel)
        self._lock = threading.Lock()
        self._streams: list[_Stream] = []
        self._closed = False

    def check(
        self,
        principal: str,
        model: str,
        action: str,
        *,
        acting_through: Sequence[str] = (),
        context: Mapping[str, object] | None = None,
        link_secret: str = "",
    ) -> Answer:
        """Asks and waits, at most until the deadline. Raises ValueError as `Question` does."""
        return self.ask(Question(principal, model, action, acting_through, context or {}, link_secret))

    def ask(self, question: Question) -> Answer:
        """Asks and waits, at most until the deadline.

        A question that fails as UNAVAILABLE is repeated once within the deadline, and so is one that a busy sidecar asks
        to repeat before the deadline.
        """
        request = _wire.to_request(question)
        until = time.monotonic() + self._deadline
        attempt = 1
        while True:
            try:
                self._verify()
                return _wire.to_answer(self._stub.Check(request, timeout=max(0.0, until - time.monotonic())))
            except Exception as e:  # noqa: BLE001 - whatever it is, it is a denial
                error = _wire.to_error(e)
            delay = _wire.retry_delay(error, attempt, until - time.monotonic())
            if delay is None:
                return Answer.failed(error)
            attempt += 1
            threading.Event().wait(delay)

    def batch_check(self, questions: Sequence[Question], *, deadline_ms: float | None = None) -> list[Answer]:
        """Asks up to 1,000 questions in one RPC and waits; one answer for each, in their order.

        When the RPC fails, all of them are denied with its cause; it is not repeated. Raises ValueError if there are too
        many or the deadline, by default the client's, is not more than 0 and at most a day.
        """
        require_batch(questions)
        timeout = self._deadline if deadline_ms is None else seconds("deadline_ms", deadline_ms)
        if not questions:
            return []
        request = authorization_pb2.BatchCheckRequest(items=[_wire.to_request(each) for each in questions])
        try:
            self._verify()
            return _wire.to_answers(len(questions), self._stub.BatchCheck(request, timeout=timeout).results)
        except Exception as e:  # noqa: BLE001 - whatever it is, it is a denial
            return [Answer.failed(_wire.to_error(e))] * len(questions)

    def watch(self, question: Question, on_end: Callable[[Answer], None] = lambda end: None) -> Watch:
        """Asks, waits at most until the deadline, and keeps watching; see `Watch`.

        `on_end` is called once, on a thread of the client, with the answer that ended the watch, unless it is closed
        before; it must not block.
        """
        watch = Watch(on_end)
        try:
            self._verify()
            if not any(self._stream().add(question, watch) for _ in range(_watches.ATTEMPTS)):
                raise _watches.ended()
        except Exception as e:  # noqa: BLE001 - whatever it is, it is a denial
            watch._tell(Answer.failed(_wire.to_error(e)))
        watch._await_first(self._deadline)
        return watch

    def _stream(self) -> _Stream:
        with self._lock:
            if self._closed:
                raise _watches.closed()
            self._streams = [each for each in self._streams if not each.lost]
            for stream in self._streams:
                if not stream.full:
                    return stream
            self._streams.append(_Stream(self._stub, self._lost_after))
            return self._streams[-1]

    def close(self) -> None:
        """Denies what is in flight or watched and closes the connection. Idempotent."""
        with self._lock:
            self._closed = True
            streams, self._streams = self._streams, []
        for stream in streams:
            stream.lose(_watches.closed())
        self._channel.close()

    def __enter__(self) -> ModelgateClient:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class Watch:
    """One access that is watched. Safe for concurrent use.

    Invariant: it is allowed from its first answer on until it ends, and once it has ended it stays so. It ends with any
    answer that does not allow: a revoke, a suspension, an expiry, a sidecar that is silent or gone.
    """

    def __init__(self, on_end: Callable[[Answer], None]) -> None:
        self._on_end = on_end
        self._changed = threading.Condition()
        self._answer: Answer | None = None
        self._closed = False
        self._close: Callable[[], None] = lambda: None

    @property
    def answer(self) -> Answer:
        """The latest answer; the first one decides whether to begin."""
        with self._changed:
            if self._answer is None:
                raise RuntimeError("a watch is given out with its first answer")
            return self._answer

    def wait_ended(self, timeout: float | None = None) -> Answer | None:
        """The answer that ended the watch; None if `timeout` seconds passed, or it was closed, before one came."""
        with self._changed:
            self._changed.wait_for(lambda: self._closed or self._ended(), timeout)
            return self._answer if self._ended() else None

    def close(self) -> None:
        """Ends it; `on_end` is not called any more. Idempotent, does not block."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        self._close()

    def __enter__(self) -> Watch:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _ended(self) -> bool:
        return self._answer is not None and not self._answer.allowed

    def _tell(self, answer: Answer) -> None:
        with self._changed:
            if self._closed or self._ended():
                return
            self._answer = answer
            self._changed.notify_all()
        if not answer.allowed:
            self._on_end(answer)

    def _await_first(self, deadline: float) -> None:
        with self._changed:
            come = self._changed.wait_for(lambda: self._answer is not None, deadline)
        if not come:
            self._tell(Answer.failed(_watches.late(deadline)))
            self._close()


class _Stream:
    """One WatchAccess stream and its two threads, one that reads and one that listens for silence."""

    def __init__(self, stub: AuthorizationServiceStub, lost_after: float) -> None:
        self._watches = _watches.Watches()
        self._lost_after = lost_after
        self._requests: queue.SimpleQueue[authorization_pb2.WatchAccessRequest | None] = queue.SimpleQueue()
        self._heard_at = time.monotonic()
        self._over = threading.Event()
        self.full = False
        self._call = stub.WatchAccess(iter(self._requests.get, None))
        for target in (self._read, self._listen):
            threading.Thread(target=target, name="modelgate-watch", daemon=True).start()

    @property
    def lost(self) -> bool:
        return self._over.is_set()

    def add(self, question: Question, watch: Watch) -> bool:
        """Begins to watch; False if this stream is full or lost."""
        request = self._watches.add(question, watch._tell)
        if request is None:
            self.full = True
            return False
        watch._close = lambda: self._send(self._watches.remove(request.id))
        self._send(request)
        return True

    def _send(self, request: authorization_pb2.WatchAccessRequest | None) -> None:
        if request is not None:
            self._requests.put(request)

    def _read(self) -> None:
        try:
            for response in self._call:
                self._heard_at = time.monotonic()
                self._send(self._watches.receive(response))
                self.full = False
            self.lose(_watches.ended())
        except Exception as e:  # noqa: BLE001 - whatever it is, nothing more will be heard
            self.lose(_wire.to_error(e))

    def _listen(self) -> None:
        while True:
            remaining = self._heard_at + self._lost_after - time.monotonic()
            if remaining <= 0:
                self.lose(_watches.silence(self._lost_after))
                return
            if self._over.wait(remaining):
                return

    def lose(self, cause: CheckError) -> None:
        self._over.set()
        self._watches.lose(cause)
        self._requests.put(None)
        self._call.cancel()
