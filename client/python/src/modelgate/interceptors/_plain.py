"""Plain streaming handlers on an event loop.

grpc.aio has an adapter of its own, with two faults that matter here (grpcio 1.85): a handler that aborts while its last
response is being sent leaves the caller without a status, and one whose caller is gone is not told and may keep a
thread of the server's pool, which is not a daemon, for ever.
"""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import threading
from collections.abc import Callable, Coroutine, Generator, Iterator
from concurrent import futures
from typing import Any

import grpc.aio


class Threads:
    """How many threads may run. One is counted until its handler has ended, which may be after its call."""

    def __init__(self, most: int) -> None:
        self._free = asyncio.Semaphore(most)

    async def start(self, work: Callable[[], None]) -> None:
        """Runs the work on a thread, as soon as one is free."""
        await self._free.acquire()
        loop = asyncio.get_running_loop()

        def run() -> None:
            try:
                work()
            finally:
                with contextlib.suppress(RuntimeError):  # The loop is closed.
                    loop.call_soon_threadsafe(self._free.release)

        run_in_context = contextvars.copy_context().run
        try:
            threading.Thread(target=run_in_context, args=(run,), name="modelgate-handler", daemon=True).start()
        except RuntimeError:  # The process may have no more.
            self._free.release()
            raise


def on_thread(
    threads: Threads, inner: Callable[[Any, Any], Any], request_streaming: bool, response_streaming: bool
) -> Callable[[Any, Any], Coroutine[Any, Any, Any]]:
    """The plain handler as one that reads and writes on the loop; it runs on a thread of its own, a daemon."""

    async def handle(request: Any, context: Any) -> Any:
        turns = _Turns(asyncio.get_running_loop())
        plain = PlainContext(context, turns)

        def run() -> Any:
            result = inner(_requests(context, turns) if request_streaming else request, plain)
            if not response_streaming:
                return result
            try:
                for response in result:
                    turns.take(context.write(response))
            finally:
                if isinstance(result, Generator):
                    result.close()  # Ends in this thread what the handler opened.
            return None

        return await turns.run(threads, run)

    return handle


def _requests(context: Any, turns: _Turns) -> Iterator[Any]:
    while (message := turns.take(context.read())) is not grpc.aio.EOF:
        yield message


class _Turns:
    """Lets threads wait for what runs on the loop, until the call is over.

    They may be several: a handler may read requests on one of its own while it answers.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._lock = threading.Lock()
        self._over = False
        self._pending: set[futures.Future[Any]] = set()

    @property
    def over(self) -> bool:
        return self._over

    def take(self, work: Coroutine[Any, Any, Any]) -> Any:
        """What the work returns or raises. Raises CancelledError when the call is over."""
        with self._lock:
            if self._over:
                work.close()
                raise futures.CancelledError("the call is over")
            pending = asyncio.run_coroutine_threadsafe(work, self._loop)
            self._pending.add(pending)
        try:
            return pending.result()
        finally:
            with self._lock:
                self._pending.discard(pending)

    async def run(self, threads: Threads, work: Callable[[], Any]) -> Any:
        """Runs the work on a thread; returns or raises what it does."""
        done: asyncio.Future[Any] = self._loop.create_future()

        def tell(outcome: Callable[[Any], None], value: Any) -> None:
            if not done.done():
                outcome(value)

        def begin() -> None:
            outcome: tuple[Callable[[Any], None], Any]
            try:
                outcome = done.set_result, work()
            except StopIteration as e:
                # A future cannot have it. A handler that calls next() without more requests raises it.
                failure = RuntimeError("the handler raised StopIteration")
                failure.__cause__ = e
                outcome = done.set_exception, failure
            except BaseException as e:  # noqa: BLE001 - raised again where the server waits
                outcome = done.set_exception, e
            with self._lock:
                # Over, the loop may be closed; nobody waits.
                if not self._over:
                    self._loop.call_soon_threadsafe(tell, *outcome)

        await threads.start(begin)
        try:
            return await done
        finally:
            self._end()

    def _end(self) -> None:
        with self._lock:
            self._over = True
            for each in self._pending:
                each.cancel()


class PlainContext:
    """The context of a call as a plain handler has it."""

    def __init__(self, context: Any, turns: _Turns) -> None:
        self._context = context
        self._turns = turns

    def __getattr__(self, name: str) -> Any:
        return getattr(self._context, name)

    def is_active(self) -> bool:
        return not self._turns.over

    def abort(self, code: grpc.StatusCode, details: str = "", trailing_metadata: Any = ()) -> None:
        """Ends the call; raises."""
        self._turns.take(self._context.abort(code, details, trailing_metadata))

    def abort_with_status(self, status: Any) -> None:
        """Ends the call; raises."""
        self._turns.take(self._context.abort_with_status(status))

    def send_initial_metadata(self, metadata: Any) -> None:
        self._turns.take(self._context.send_initial_metadata(metadata))

    def add_callback(self, callback: Callable[[], None]) -> bool:
        """Called on the loop when the call is over. Returns whether it will be."""
        if self._turns.over:
            return False
        self._context.add_done_callback(lambda context: callback())
        return True
