"""The interceptor of `grpc.aio.server`."""

from __future__ import annotations

import asyncio
import contextlib
import inspect
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import grpc
import grpc.aio

from modelgate import aio
from modelgate._cut import Cut, CutError, retrieve
from modelgate._denial import Denial
from modelgate._guard import LOGGER, Guard, failed, first_denial
from modelgate.answer import Answer, Question
from modelgate.interceptors._plain import Threads, on_thread
from modelgate.interceptors._sync import protect_unary
from modelgate.principals import Call, Caller, Principals
from modelgate.protect import MethodRule, Protection, Unmapped

Context = grpc.aio.ServicerContext[Any, Any]

THREADS_MAX = 256
"""The most threads of plain streaming handlers of one interceptor."""


class AioInterceptor(grpc.aio.ServerInterceptor):
    """As `Interceptor`, for `grpc.aio.server`: handlers of all shapes, async or not.

    A streaming handler that is cut is cancelled; what it still writes is not sent. One that is not async runs on a
    thread of its own, not on the server's pool, and is stopped when it reads or writes next. At most 256 such threads run
    at a time; a call beyond waits for one to end, within its deadline and as long as it may.
    """

    def __init__(
        self, client: aio.ModelgateClient, protection: Protection, principals: Principals | None = None
    ) -> None:
        """`principals` replaces what the document says of who calls. Raises ProtectionError if neither says it."""
        self._client = client
        self._guard = Guard(protection, principals)
        self._threads = Threads(THREADS_MAX)

    async def intercept_service(
        self,
        continuation: Callable[[grpc.HandlerCallDetails], Awaitable[grpc.RpcMethodHandler[Any, Any] | None]],
        handler_call_details: grpc.HandlerCallDetails,
    ) -> grpc.RpcMethodHandler[Any, Any] | None:
        """Wraps the handler of a method that has a rule."""
        rule = self._guard.protection.method(handler_call_details.method.removeprefix("/"))
        if rule is None:
            return grpc.stream_stream_rpc_method_handler(_refuse)
        handler = await continuation(handler_call_details)
        if handler is None or rule.is_open:
            return handler
        inner: Any = handler.unary_unary or handler.unary_stream or handler.stream_unary or handler.stream_stream
        if not inspect.iscoroutinefunction(inner) and not inspect.isasyncgenfunction(inner):
            if handler.unary_unary is not None:
                # grpc runs it on a thread, where it can wait for this loop.
                return protect_unary(handler, _Bridge(self._client, asyncio.get_running_loop()), self._guard, rule)
            inner = on_thread(self._threads, inner, handler.request_streaming, handler.response_streaming)
        return self._protect(handler, inner, rule)

    def _protect(
        self, handler: grpc.RpcMethodHandler[Any, Any], inner: Any, rule: MethodRule
    ) -> grpc.RpcMethodHandler[Any, Any]:
        async def unary_unary(request: Any, context: Context) -> Any:
            denial = await _Call(self._client, self._guard, rule, context).check(request)
            return await abort(context, denial) if denial else await inner(request, context)

        async def stream(request: Any, context: Context) -> Any:
            call = _Call(self._client, self._guard, rule, context)
            try:
                return await call.run(inner, request, handler.request_streaming)
            finally:
                call.cut.close()

        codec = {
            "request_deserializer": handler.request_deserializer,
            "response_serializer": handler.response_serializer,
        }
        if handler.request_streaming:
            if handler.response_streaming:
                return grpc.stream_stream_rpc_method_handler(stream, **codec)
            return grpc.stream_unary_rpc_method_handler(stream, **codec)
        if handler.response_streaming:
            return grpc.unary_stream_rpc_method_handler(stream, **codec)
        return grpc.unary_unary_rpc_method_handler(unary_unary, **codec)


async def abort(context: Context, denial: Denial) -> None:
    """Ends the call; raises."""
    await context.abort(denial.code, denial.message, denial.trailers())


async def _refuse(requests: Any, context: Context) -> None:
    await abort(context, Denial.unmapped(Unmapped("no rule for this method")))


class _Call:
    """One call: who makes it, and what is watched for it."""

    def __init__(self, client: aio.ModelgateClient, guard: Guard, rule: MethodRule, context: Context) -> None:
        self._client = client
        self._guard = guard
        self._rule = rule
        self._context = context
        self._caller: Caller | Denial | None = None
        self.cut = Cut(client)

    async def check(self, message: object) -> Denial | None:
        """Why a message may not pass."""
        questions = await self._questions(message)
        if isinstance(questions, Denial):
            return questions
        if len(questions) == 1:
            return first_denial([await self._client.ask(questions[0])])
        return first_denial(await self._client.batch_check(questions))

    async def _questions(self, message: object) -> list[Question] | Denial:
        try:
            if self._caller is None:
                self._caller = await self._guard.caller_on_loop(lambda: Call.of_grpc(self._context))
            if isinstance(self._caller, Denial):
                return self._caller
            self.cut.until = self._caller.until
            return self._guard.questions(self._caller, self._rule.read(message))
        except Exception:
            LOGGER.warning("a request could not be mapped", exc_info=True)
            return failed()

    async def run(self, inner: Any, request: Any, request_streaming: bool) -> Any:
        """Runs a streaming handler as long as it may. Returns the response, if there is one."""
        first = request
        if request_streaming:
            first = await anext(aiter(request), grpc.aio.EOF)
            if first is grpc.aio.EOF:
                await abort(self._context, Denial.unmapped(Unmapped("the request names no model")))
        denial = await self._watch(first)
        if denial:
            await abort(self._context, denial)
        passed = _Requests(self, first, aiter(request)) if request_streaming else None
        guarded: Any = _GuardedContext(self._context, self, passed)
        try:
            return await self.cut.run(_handle(inner, request if passed is None else passed, guarded))
        except CutError as e:
            await guarded.begun()
            await abort(self._context, e.denial)

    async def _watch(self, message: object) -> Denial | None:
        """Why a message of a stream may not pass. What it names is watched from now on."""
        questions = await self._questions(message)
        return questions if isinstance(questions, Denial) else await self.cut.watch(questions)

    async def require_passes(self, message: object) -> None:
        """Of a further message of the stream."""
        denial = await self._watch(message)
        if denial:
            self.cut.deny(denial)
        self.cut.require_passing()


class _Requests:
    """What the handler reads, each message checked before it passes."""

    def __init__(self, call: _Call, first: object, rest: AsyncIterator[Any]) -> None:
        self._call = call
        self._first = [first]
        self._rest = rest

    def __aiter__(self) -> _Requests:
        return self

    async def __anext__(self) -> Any:
        if self._first:
            return self._first.pop()
        message = await anext(self._rest)
        await self._call.require_passes(message)
        return message


class _GuardedContext:
    """What the handler has for a context: silent once the call is denied.

    Invariant: the initial metadata is sent, or being sent, by itself before the first message. grpc refuses the status
    of a call whose first message, with the metadata, is still on its way; the caller would wait for his deadline.
    """

    def __init__(self, context: Context, call: _Call, requests: _Requests | None) -> None:
        self._context = context
        self._call = call
        self._requests = requests
        self._beginning: asyncio.Future[None] | None = None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._context, name)

    async def read(self) -> Any:
        if self._requests is None:
            return await self._context.read()
        return await anext(self._requests, grpc.aio.EOF)

    async def write(self, message: Any) -> None:
        self._call.cut.require_passing()
        if self._beginning is None:
            await self.send_initial_metadata(())
            self._call.cut.require_passing()
        elif not self._beginning.done():
            await self.begun()
            self._call.cut.require_passing()
        await self._context.write(message)

    async def send_initial_metadata(self, metadata: Any) -> None:
        self._call.cut.require_passing()
        if self._beginning is not None:
            await self.begun()
            return await self._context.send_initial_metadata(metadata)  # Raises as grpc does.
        self._beginning = asyncio.ensure_future(self._context.send_initial_metadata(metadata))
        self._beginning.add_done_callback(retrieve)
        # A handler that is cut meanwhile leaves it to go on.
        await asyncio.shield(self._beginning)

    async def begun(self) -> None:
        """Returns when the call can be ended: no initial metadata is on its way, which waits for no reader."""
        if self._beginning is not None:
            await asyncio.wait({self._beginning})


async def _handle(inner: Any, request: Any, context: Any) -> Any:
    result = inner(request, context)
    if not inspect.isasyncgen(result):
        return await result
    async with contextlib.aclosing(result):
        async for response in result:
            await context.write(response)
    return None


class _Bridge:
    """The client of the loop, for handlers on threads."""

    def __init__(self, client: aio.ModelgateClient, loop: asyncio.AbstractEventLoop) -> None:
        self._client = client
        self._loop = loop

    def ask(self, question: Question) -> Answer:
        return asyncio.run_coroutine_threadsafe(self._client.ask(question), self._loop).result()

    def batch_check(self, questions: list[Question]) -> list[Answer]:
        return asyncio.run_coroutine_threadsafe(self._client.batch_check(questions), self._loop).result()
