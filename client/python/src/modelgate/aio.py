"""The client for asyncio; `modelgate.client` has the one for threads."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, cast

import grpc
import grpc.aio

from modelgate import _watches, _wire
from modelgate._settings import DEADLINE_MS, LOST_AFTER_MS, Settings, require_batch, seconds
from modelgate.answer import Answer, CheckError, Question
from modelgate.endpoint import Tls
from modelgate.v1 import authorization_pb2
from modelgate.v1.authorization_pb2_grpc import AuthorizationServiceStub

if TYPE_CHECKING:
    from modelgate.v1.authorization_pb2_grpc import AuthorizationServiceAsyncStub

_LATE_S = 0.05
"""A timer that is later than this was held up with everything else on the loop."""


class ModelgateClient:
    """As `modelgate.client.ModelgateClient`, for one event loop: that of its first question.

    async with ModelgateClient() as client:
        if (await client.check("user:ana@acme.com", "fraud", "predict")).allowed: ...
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
        self._endpoint = settings.endpoint
        self._channel: grpc.aio.Channel | None = None
        self._stub: AuthorizationServiceAsyncStub | None = None
        self._streams: list[_Stream] = []
        self._closed = False

    async def check(
        self,
        principal: str,
        model: str,
        action: str,
        *,
        acting_through: Sequence[str] = (),
        context: Mapping[str, object] | None = None,
        link_secret: str = "",
    ) -> Answer:
        """Asks, at most until the deadline. Raises ValueError as `Question` does."""
        return await self.ask(Question(principal, model, action, acting_through, context or {}, link_secret))

    async def ask(self, question: Question) -> Answer:
        """Asks, at most until the deadline, with one repetition where that may help."""
        request = _wire.to_request(question)
        until = time.monotonic() + self._deadline
        attempt = 1
        while True:
            try:
                return _wire.to_answer(await self._verified().Check(request, timeout=max(0.0, until - time.monotonic())))
            except Exception as e:  # noqa: BLE001 - whatever it is, it is a denial
                error = _wire.to_error(e)
            delay = _wire.retry_delay(error, attempt, until - time.monotonic())
            if delay is None:
                return Answer.failed(error)
            attempt += 1
            await asyncio.sleep(delay)

    async def batch_check(self, questions: Sequence[Question], *, deadline_ms: float | None = None) -> list[Answer]:
        """As `modelgate.client.ModelgateClient.batch_check`."""
        require_batch(questions)
        timeout = self._deadline if deadline_ms is None else seconds("deadline_ms", deadline_ms)
        if not questions:
            return []
        request = authorization_pb2.BatchCheckRequest(items=[_wire.to_request(each) for each in questions])
        try:
            response = await self._verified().BatchCheck(request, timeout=timeout)
            return _wire.to_answers(len(questions), response.results)
        except Exception as e:  # noqa: BLE001 - whatever it is, it is a denial
            return [Answer.failed(_wire.to_error(e))] * len(questions)

    async def watch(self, question: Question, on_end: Callable[[Answer], None] = lambda end: None) -> Watch:
        """Asks, at most until the deadline, and keeps watching; see `Watch`.

        `on_end` is called once, on the loop, with the answer that ended the watch, unless it is closed before.
        """
        watch = Watch(on_end)
        try:
            stub = self._verified()
            if not any(self._stream(stub).add(question, watch) for _ in range(_watches.ATTEMPTS)):
                raise _watches.ended()
        except Exception as e:  # noqa: BLE001 - whatever it is, it is a denial
            watch._tell(Answer.failed(_wire.to_error(e)))
        await watch._await_first(self._deadline)
        return watch

    def _verified(self) -> AuthorizationServiceAsyncStub:
        if self._closed:
            raise _watches.closed()
        self._endpoint.verify()
        if self._stub is None:
            target, options, credentials = self._endpoint.target, self._endpoint.options, self._endpoint.credentials
            self._channel = (
                grpc.aio.insecure_channel(target, options)
                if credentials is None
                else grpc.aio.secure_channel(target, credentials, options)
            )
            self._stub = cast("AuthorizationServiceAsyncStub", AuthorizationServiceStub(self._channel))
        return self._stub

    def _stream(self, stub: AuthorizationServiceAsyncStub) -> _Stream:
        self._streams = [each for each in self._streams if not each.lost]
        for stream in self._streams:
            if not stream.full:
                return stream
        self._streams.append(_Stream(stub, self._lost_after))
        return self._streams[-1]

    async def close(self) -> None:
        """Denies what is in flight or watched and closes the connection. Idempotent."""
        self._closed = True
        streams, self._streams = self._streams, []
        for stream in streams:
            stream.lose(_watches.closed())
            await stream.finish()
        if self._channel is not None:
            await self._channel.close()

    async def __aenter__(self) -> ModelgateClient:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()


class Watch:
    """One access that is watched, on one event loop.

    Invariant: it is allowed from its first answer on until it ends, and once it has ended it stays so. It ends with any
    answer that does not allow: a revoke, a suspension, an expiry, a sidecar that is silent or gone.
    """

    def __init__(self, on_end: Callable[[Answer], None]) -> None:
        self._on_end = on_end
        self._first = asyncio.Event()
        self._over = asyncio.Event()
        self._answer: Answer | None = None
        self._closed = False
        self._close: Callable[[], None] = lambda: None

    @property
    def answer(self) -> Answer:
        """The latest answer; the first one decides whether to begin."""
        if self._answer is None:
            raise RuntimeError("a watch is given out with its first answer")
        return self._answer

    async def ended(self) -> Answer | None:
        """Waits for the answer that ends the watch; None if it is closed before one comes."""
        await self._over.wait()
        return self._answer if self._ended() else None

    def close(self) -> None:
        """Ends it; `on_end` is not called any more. Idempotent."""
        self._closed = True
        self._over.set()
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
        if self._closed or self._ended():
            return
        self._answer = answer
        self._first.set()
        if not answer.allowed:
            self._over.set()
            self._on_end(answer)

    async def _await_first(self, deadline: float) -> None:
        try:
            await asyncio.wait_for(self._first.wait(), deadline)
        except asyncio.TimeoutError:
            self._tell(Answer.failed(_watches.late(deadline)))
            self._close()
        except asyncio.CancelledError:
            self.close()
            raise


class _Stream:
    """One WatchAccess stream, the task that reads it and the timer that listens for silence."""

    def __init__(self, stub: AuthorizationServiceAsyncStub, lost_after: float) -> None:
        self._loop = asyncio.get_running_loop()
        self._watches = _watches.Watches()
        self._lost_after = lost_after
        self._requests: asyncio.Queue[authorization_pb2.WatchAccessRequest | None] = asyncio.Queue()
        self._heard_at = self._loop.time()
        self.full = False
        self.lost = False
        self._call = stub.WatchAccess(self._outgoing())
        self._timer = self._loop.call_later(lost_after, self._listen, self._loop.time() + lost_after)
        self._reader = self._loop.create_task(self._read())

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
            self._requests.put_nowait(request)

    async def _outgoing(self) -> AsyncIterator[authorization_pb2.WatchAccessRequest]:
        while (request := await self._requests.get()) is not None:
            yield request

    async def _read(self) -> None:
        try:
            async for response in self._call:
                self._heard_at = self._loop.time()
                self._send(self._watches.receive(response))
                self.full = False
            self.lose(_watches.ended())
        except asyncio.CancelledError:
            self.lose(_watches.closed())
        except Exception as e:  # noqa: BLE001 - whatever it is, nothing more will be heard
            self.lose(_wire.to_error(e))

    def _listen(self, due: float) -> None:
        now = self._loop.time()
        next_due = self._heard_at + self._lost_after
        if now >= next_due and now - due > _LATE_S:
            # The loop stood still, with the reader on it: what the sidecar said meanwhile may be read next.
            next_due = now + _LATE_S
        if now >= next_due:
            self.lose(_watches.silence(self._lost_after))
        elif not self.lost:
            self._timer = self._loop.call_at(next_due, self._listen, next_due)

    def lose(self, cause: CheckError) -> None:
        self.lost = True
        self._timer.cancel()
        self._watches.lose(cause)
        self._requests.put_nowait(None)
        self._call.cancel()

    async def finish(self) -> None:
        """Waits until nothing of a lost stream runs any more."""
        await self._reader
