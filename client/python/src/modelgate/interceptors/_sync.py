"""The interceptor of `grpc.server`."""

from __future__ import annotations

import contextvars
import math
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any, NoReturn, Protocol

import grpc

from modelgate._denial import Denial
from modelgate._guard import LOGGER, WATCHED_MAX, Guard, failed, first_denial, too_many
from modelgate.answer import Answer, Question
from modelgate.principals import Call, Caller, Principals
from modelgate.protect import MethodRule, Protection, Unmapped


class Watching(Protocol):
    """A watch, as either client has it."""

    @property
    def answer(self) -> Answer: ...

    def close(self) -> None: ...


class Asking(Protocol):
    """What a check needs of a client; every method blocks, at most until the client's deadline."""

    def ask(self, question: Question) -> Answer: ...

    def batch_check(self, questions: list[Question]) -> list[Answer]: ...


class Client(Asking, Protocol):
    """What a call needs of a client."""

    def watch(self, question: Question, on_end: Callable[[Answer], None]) -> Watching: ...


class Interceptor(grpc.ServerInterceptor):
    """Asks the sidecar before a handler runs, and fails closed.

    Each message is checked before the handler sees it, and the handler of a stream of requests is not started before
    the first is. What a streaming call was begun for is watched: a revoke ends it within 100 ms as PERMISSION_DENIED, a
    sidecar that is silent or gone as UNAVAILABLE, whatever the handler does meanwhile; so streaming handlers run on a
    thread of their own.

    A refused call ends as UNAUTHENTICATED, PERMISSION_DENIED (the reason is the message), INVALID_ARGUMENT or
    UNAVAILABLE, each with one ErrorInfo of the domain `modelgate.dev`. The client stays the caller's to close.
    """

    def __init__(self, client: Client, protection: Protection, principals: Principals | None = None) -> None:
        """`principals` replaces what the document says of who calls. Raises ProtectionError if neither says it."""
        self._client = client
        self._guard = Guard(protection, principals)

    def intercept_service(
        self,
        continuation: Callable[[grpc.HandlerCallDetails], grpc.RpcMethodHandler[Any, Any] | None],
        handler_call_details: grpc.HandlerCallDetails,
    ) -> grpc.RpcMethodHandler[Any, Any] | None:
        """Wraps the handler of a method that has a rule."""
        rule = self._guard.protection.method(handler_call_details.method.removeprefix("/"))
        if rule is None:
            return refusing()
        handler = continuation(handler_call_details)
        return handler if handler is None or rule.is_open else protect(handler, self._client, self._guard, rule)


def refusing() -> grpc.RpcMethodHandler[Any, Any]:
    """A handler of any method that denies at once."""

    def refuse(requests: Any, context: grpc.ServicerContext) -> NoReturn:
        abort(context, Denial.unmapped(Unmapped("no rule for this method")))

    return grpc.stream_stream_rpc_method_handler(refuse)


def abort(context: grpc.ServicerContext, denial: Denial) -> NoReturn:
    """Ends the call; raises."""
    context.set_trailing_metadata(denial.trailers())
    context.abort(denial.code, denial.message)


def protect(
    handler: grpc.RpcMethodHandler[Any, Any], client: Client, guard: Guard, rule: MethodRule
) -> grpc.RpcMethodHandler[Any, Any]:
    """The handler behind its checks, of the same shape."""
    if handler.unary_unary is not None:
        return protect_unary(handler, client, guard, rule)
    inner: Any = handler.unary_stream or handler.stream_unary or handler.stream_stream

    def stream(request: Any, context: grpc.ServicerContext) -> Iterator[Any]:
        call = _Call(client, guard, rule, context)
        context.add_callback(call.close)
        try:
            yield from call.run(inner, request, handler.request_streaming, handler.response_streaming)
        finally:
            call.close()

    def stream_unary(requests: Any, context: grpc.ServicerContext) -> Any:
        for response in stream(requests, context):
            return response
        context.abort(grpc.StatusCode.CANCELLED, "the call is over")

    codec = _codec(handler)
    if not handler.response_streaming:
        return grpc.stream_unary_rpc_method_handler(stream_unary, **codec)
    if handler.request_streaming:
        return grpc.stream_stream_rpc_method_handler(stream, **codec)
    return grpc.unary_stream_rpc_method_handler(stream, **codec)


def protect_unary(
    handler: grpc.RpcMethodHandler[Any, Any], client: Asking, guard: Guard, rule: MethodRule
) -> grpc.RpcMethodHandler[Any, Any]:
    """The handler of one request and one response behind its check."""
    unary: Any = handler.unary_unary

    def unary_unary(request: Any, context: grpc.ServicerContext) -> Any:
        denial = _Check(client, guard, rule, context).check(request)
        return abort(context, denial) if denial else unary(request, context)

    return grpc.unary_unary_rpc_method_handler(unary_unary, **_codec(handler))


def _codec(handler: grpc.RpcMethodHandler[Any, Any]) -> dict[str, Any]:
    return {"request_deserializer": handler.request_deserializer, "response_serializer": handler.response_serializer}


class _Refused(Exception):
    """Ends a handler that asks for a message which does not pass; what it answers then is not sent."""


class _Check:
    """Who makes a call, and whether a message of his passes."""

    def __init__(self, client: Asking, guard: Guard, rule: MethodRule, context: grpc.ServicerContext) -> None:
        self._asking = client
        self._guard = guard
        self._rule = rule
        self._context = context
        self._caller: Caller | Denial = guard.caller(lambda: Call.of_grpc(context))

    def check(self, message: object) -> Denial | None:
        """Why a message may not pass."""
        questions = self._questions(message)
        if isinstance(questions, Denial):
            return questions
        return first_denial(
            [self._asking.ask(questions[0])] if len(questions) == 1 else self._asking.batch_check(questions)
        )

    def _questions(self, message: object) -> list[Question] | Denial:
        if isinstance(self._caller, Denial):
            return self._caller
        try:
            return self._guard.questions(self._caller, self._rule.read(message))
        except Exception:
            LOGGER.warning("a request could not be mapped", exc_info=True)
            return failed()


class _Call(_Check):
    """One call: what it may do, what is watched for it, and the one response that waits to be sent.

    Invariant: once `_denial` is set nothing more passes, neither to the handler nor to the client.
    """

    def __init__(self, client: Client, guard: Guard, rule: MethodRule, context: grpc.ServicerContext) -> None:
        super().__init__(client, guard, rule, context)
        self._client = client
        self._watches: dict[tuple[str, str], Watching] = {}
        self._changed = threading.Condition()
        self._denial: Denial | None = None
        self._closed = False
        self._waiting: list[Any] = []
        self._finished = False
        self._failure: BaseException | None = None

    def run(self, inner: Any, request: Any, request_streaming: bool, response_streaming: bool) -> Iterator[Any]:
        """The handler's responses, as long as they may pass."""
        if isinstance(self._caller, Denial):
            abort(self._context, self._caller)
        requests = iter(request) if request_streaming else iter((request,))
        try:
            first = next(requests)
        except StopIteration:
            abort(self._context, Denial.unmapped(Unmapped("the request names no model")))
        denial = self._watch(first)
        if denial:
            abort(self._context, denial)
        passed = self._passed(first, requests) if request_streaming else first
        threading.Thread(
            target=contextvars.copy_context().run,
            args=(self._handle, inner, passed, response_streaming),
            name="modelgate-handler",
            daemon=True,
        ).start()
        return self._responses()

    def _watch(self, message: object) -> Denial | None:
        """Why a message of a stream may not pass. What it names is watched from now on."""
        questions = self._questions(message)
        if isinstance(questions, Denial):
            return questions
        for question in questions:
            key = question.model, question.action
            if key in self._watches:
                answer = self._client.ask(question)
            elif len(self._watches) >= WATCHED_MAX:
                return too_many()
            else:
                watch = self._watches[key] = self._client.watch(question, self._ended)
                answer = watch.answer
                with self._changed:
                    closed = self._closed
                if closed:
                    watch.close()  # The call ended meanwhile, and may not have seen this one.
            if not answer.allowed:
                return Denial.of(answer)
        return None

    def _ended(self, answer: Answer) -> None:
        self._deny(Denial.of(answer))

    def _deny(self, denial: Denial) -> None:
        with self._changed:
            self._denial = self._denial or denial
            self._changed.notify_all()

    def _passed(self, first: Any, requests: Iterator[Any]) -> Iterator[Any]:
        """What the handler reads."""
        yield first
        for message in requests:
            denial = self._watch(message)
            if denial:
                self._deny(denial)
            with self._changed:
                if self._denial:
                    raise _Refused
            yield message

    def _handle(self, inner: Any, request: Any, response_streaming: bool) -> None:
        try:
            result = inner(request, self._context)
            for response in result if response_streaming else (result,):
                if not self._put(response):
                    break
        except BaseException as e:  # noqa: BLE001 - raised again where the server waits
            self._failure = e
        with self._changed:
            self._finished = True
            self._changed.notify_all()

    def _put(self, response: Any) -> bool:
        with self._changed:
            self._changed.wait_for(lambda: not self._waiting or self._denial or self._closed)
            if self._denial or self._closed:
                return False
            self._waiting.append(response)
            self._changed.notify_all()
            return True

    def _responses(self) -> Iterator[Any]:
        while True:
            with self._changed:
                come = self._changed.wait_for(
                    lambda: self._waiting or self._finished or self._denial or self._closed, self._remaining()
                )
                if not come or self._remaining() == 0:
                    self._denial = self._denial or Denial.unauthenticated()
                denial, responses = self._denial, [self._waiting.pop()] if self._waiting else []
                self._changed.notify_all()
            if denial:
                abort(self._context, denial)
            if responses:
                yield responses[0]
            elif self._failure is not None:
                raise self._failure
            else:
                return

    def _remaining(self) -> float | None:
        """Seconds until a credential ends; None for never."""
        until = math.inf if isinstance(self._caller, Denial) else self._caller.until
        return None if until == math.inf else min(threading.TIMEOUT_MAX, max(0.0, until - time.time()))

    def close(self) -> None:
        """Ends what is watched; a handler that still runs is stopped at its next response. Idempotent."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        for watch in list(self._watches.values()):
            watch.close()
