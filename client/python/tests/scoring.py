"""A prediction server of the tests' own: every shape of method, on parsed messages and on bytes, on every kind of server."""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent import futures
from typing import Any

import grpc
import grpc.aio
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from google.protobuf.message import Message

from modelgate import ModelgateClient, aio
from modelgate.interceptors import AioInterceptor, Interceptor
from modelgate.principals import Principals
from modelgate.protect import Protection

SHAPES = ("UnaryUnary", "UnaryStream", "StreamUnary", "StreamStream")
STREAMS = SHAPES[1:]

DOCUMENT = """
parent: organizations/acme
principal: {header: x-user}
grpc:
  test.Scoring:
""" + "".join(f"    {raw}{shape}: {{action: predict, model: 1, version: 2}}\n" for raw in ("", "Raw") for shape in SHAPES)

FRAUD = ("user:ana@acme.com", "organizations/acme/models/fraud", "predict")
OTHER = (FRAUD[0], "organizations/acme/models/other", "predict")
ANA = (("x-user", FRAUD[0]),)


def _message_class() -> type[Message]:
    file = descriptor_pb2.FileDescriptorProto(name="test/scoring.proto", package="test", syntax="proto3")
    message = file.message_type.add(name="Ask")
    for number, name in enumerate(("model", "version", "text"), 1):
        message.field.add(name=name, number=number, type="TYPE_STRING", label="LABEL_OPTIONAL")
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName("test.Ask"))


Ask: Any = _message_class()


class Handlers:
    """What the server does: it answers each request with its bytes, and before it ends it waits where a test wants it.

    `seen` has all requests that reached a handler; `stubborn` handlers answer on whatever reading requests raises.
    """

    def __init__(self) -> None:
        self.seen: list[bytes] = []
        self.end = threading.Event()
        self.end.set()
        self.stubborn = False

    def _see(self, request: Any) -> Any:
        self.seen.append(request if isinstance(request, bytes) else request.SerializeToString())
        return request

    def UnaryUnary(self, request: Any, context: Any) -> Any:
        return self._see(request)

    def UnaryStream(self, request: Any, context: Any) -> Iterator[Any]:
        yield self._see(request)
        self.end.wait()

    def StreamUnary(self, requests: Iterator[Any], context: Any) -> Any:
        last = None
        try:
            for request in requests:
                last = self._see(request)
        except Exception:
            if not self.stubborn:
                raise
        self.end.wait()
        return last

    def StreamStream(self, requests: Iterator[Any], context: Any) -> Iterator[Any]:
        last = None
        try:
            for request in requests:
                last = self._see(request)
                yield last
        except Exception:
            if not self.stubborn:
                raise
            yield last
        self.end.wait()


class AsyncHandlers(Handlers):
    """The same for asyncio, one of them by reading and writing."""

    async def _wait(self) -> None:
        if not self.end.is_set():
            await asyncio.get_running_loop().create_future()

    async def UnaryUnary(self, request: Any, context: Any) -> Any:
        return self._see(request)

    async def UnaryStream(self, request: Any, context: Any) -> AsyncIterator[Any]:  # type: ignore[override]
        yield self._see(request)
        await self._wait()

    async def StreamUnary(self, requests: AsyncIterator[Any], context: Any) -> Any:  # type: ignore[override]
        last = None
        try:
            async for request in requests:
                last = self._see(request)
        except Exception:
            if not self.stubborn:
                raise
        await self._wait()
        return last

    async def StreamStream(self, requests: AsyncIterator[Any], context: Any) -> None:  # type: ignore[override]
        last = None
        try:
            while (request := await context.read()) is not grpc.aio.EOF:
                last = self._see(request)
                await context.write(last)
        except Exception:
            if not self.stubborn:
                raise
            await context.write(last)
        await self._wait()


def _generic(handlers: Handlers) -> Any:
    makers: dict[str, Callable[..., Any]] = {
        "UnaryUnary": grpc.unary_unary_rpc_method_handler,
        "UnaryStream": grpc.unary_stream_rpc_method_handler,
        "StreamUnary": grpc.stream_unary_rpc_method_handler,
        "StreamStream": grpc.stream_stream_rpc_method_handler,
    }
    methods = {}
    for shape in SHAPES:
        handler = getattr(handlers, shape)
        methods[f"Raw{shape}"] = makers[shape](handler)
        methods[shape] = makers[shape](handler, Ask.FromString, Ask.SerializeToString)
        methods[f"Unmapped{shape}"] = methods[f"Raw{shape}"]
    return grpc.method_handlers_generic_handler("test.Scoring", methods)


class Server:
    """A protected server; kinds are `threads`, `aio` and `aio-threads`, which is an aio server with plain handlers."""

    def __init__(
        self,
        kind: str,
        sidecar: str,
        document: str = DOCUMENT,
        principals: Principals | None = None,
        credentials: grpc.ServerCredentials | None = None,
        replaced: dict[str, Callable[[Any, Any], Any]] | None = None,
        **settings: Any,
    ) -> None:
        """With `credentials` the server speaks TLS, and `channel` cannot be used. `replaced` are handlers by shape."""
        self._credentials = credentials
        self.handlers = AsyncHandlers() if kind == "aio" else Handlers()
        for shape, handle in (replaced or {}).items():
            setattr(self.handlers, shape, handle)
        self._settings = {"address": sidecar, "deadline_ms": 5_000, **settings}
        self._interception = (Protection.parse(document), principals)
        self._thread: threading.Thread | None = None
        self._pool = futures.ThreadPoolExecutor(32)
        if kind == "threads":
            self._start_threads()
        else:
            started: queue.SimpleQueue[Any] = queue.SimpleQueue()
            self._thread = threading.Thread(target=lambda: asyncio.run(self._serve(started)))
            self._thread.start()
            self._loop, self._stop, port = started.get(timeout=10)
            self._open(port)

    def _open(self, port: int) -> None:
        self.address = f"localhost:{port}"
        self.channel = grpc.insecure_channel(f"127.0.0.1:{port}")

    def _listen(self, server: Any) -> int:
        at = "127.0.0.1:0"
        port: int = (
            server.add_insecure_port(at)
            if self._credentials is None
            else server.add_secure_port(at, self._credentials)
        )
        return port

    def _start_threads(self) -> None:
        self._client = ModelgateClient(**self._settings)
        self._server = grpc.server(
            self._pool, interceptors=[Interceptor(self._client, *self._interception)]
        )
        self._server.add_generic_rpc_handlers((_generic(self.handlers),))
        port = self._listen(self._server)
        self._server.start()
        self._open(port)

    async def _serve(self, started: queue.SimpleQueue[Any]) -> None:
        stop = asyncio.Event()
        async with aio.ModelgateClient(**self._settings) as client:
            server = grpc.aio.server(self._pool, interceptors=[AioInterceptor(client, *self._interception)])
            server.add_generic_rpc_handlers((_generic(self.handlers),))
            port = self._listen(server)
            await server.start()
            started.put((asyncio.get_running_loop(), stop, port))
            await stop.wait()
            await server.stop(0)

    def close(self) -> None:
        self.handlers.end.set()
        self.channel.close()
        if self._thread is None:
            self._server.stop(None).wait()
            self._client.close()
        else:
            self._loop.call_soon_threadsafe(self._stop.set)
            self._thread.join(10)
        # A thread that stays would keep the process from ending.
        ended = threading.Thread(target=self._pool.shutdown, daemon=True)
        ended.start()
        ended.join(10)
        assert not ended.is_alive(), "a call keeps a thread of the pool"

    def call(self, method: str, requests: Iterator[bytes] | list[bytes], metadata: Any = ANA, timeout_s: float = 20) -> Any:
        """The call, which iterates over its responses in bytes, of whatever shape the method is."""
        begin: Any = self.channel.stream_stream(f"/test.Scoring/{method}")
        return begin(iter(requests), metadata=metadata, timeout=timeout_s)


def ask(model: str, version: str = "") -> bytes:
    """The bytes of a request."""
    encoded: bytes = Ask(model=model, version=version).SerializeToString()
    return encoded
