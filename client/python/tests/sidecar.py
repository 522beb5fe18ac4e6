"""A sidecar that answers as a test tells it."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator
from concurrent import futures
from pathlib import Path
from typing import Any

import grpc
from modelgate.v1 import authorization_pb2 as pb
from modelgate.v1 import decision_pb2, error_pb2
from modelgate.v1.authorization_pb2_grpc import AuthorizationServiceServicer, add_AuthorizationServiceServicer_to_server

ALLOW = pb.CheckResponse(decision=decision_pb2.DECISION_ALLOW, revision="r1")


def deny(reason: str = "NO_GRANT") -> pb.CheckResponse:
    return pb.CheckResponse(decision=decision_pb2.DECISION_DENY, reason=reason, revision="r1")


class FakeSidecar(AuthorizationServiceServicer):
    """Allows what is in `allowed`, and keeps what it was asked. Watches are told of each change of `allowed`."""

    StreamCheck: Any = None
    ListActions: Any = None
    LookupResources: Any = None
    LookupPrincipals: Any = None
    Explain: Any = None

    def __init__(self, socket: Path | None = None) -> None:
        self._lock = threading.Lock()
        self.allowed: set[tuple[str, str, str]] = set()
        self.asked: list[pb.CheckRequest] = []
        self.before: Callable[[pb.CheckRequest, grpc.ServicerContext], None] = lambda request, context: None
        self.silent = threading.Event()
        self.watching = 0
        self._streams: list[_FakeStream] = []
        self._server = grpc.server(futures.ThreadPoolExecutor(64), options=(("grpc.so_reuseport", 0),))
        add_AuthorizationServiceServicer_to_server(self, self._server)
        if socket is None:
            self.address = f"127.0.0.1:{self._server.add_insecure_port('127.0.0.1:0')}"
        else:
            self._server.add_insecure_port(f"unix:{socket}")
        self._server.start()

    def stop(self) -> None:
        for stream in list(self._streams):
            stream.out.put(None)
        self._server.stop(None).wait()

    def allow(self, principal: str, model: str, action: str) -> None:
        with self._lock:
            self.allowed.add((principal, model, action))

    def revoke(self, principal: str, model: str, action: str) -> None:
        with self._lock:
            self.allowed.discard((principal, model, action))
            for stream in self._streams:
                for watch_id, request in stream.open.items():
                    if (request.principal, request.model, request.action) == (principal, model, action):
                        stream.out.put(pb.WatchAccessResponse(id=watch_id, response=self._decide(request)))

    def end_watches(self) -> None:
        """Ends every watch stream as a sidecar that stops."""
        for stream in list(self._streams):
            stream.out.put(None)

    def _decide(self, request: pb.CheckRequest) -> pb.CheckResponse:
        links = [request.principal, *request.acting_through]
        return ALLOW if all((each, request.model, request.action) in self.allowed for each in links) else deny()

    def Check(self, request: pb.CheckRequest, context: grpc.ServicerContext) -> pb.CheckResponse:
        self.asked.append(request)
        self.before(request, context)
        with self._lock:
            return self._decide(request)

    def BatchCheck(self, request: pb.BatchCheckRequest, context: grpc.ServicerContext) -> pb.BatchCheckResponse:
        self.asked.extend(request.items)
        with self._lock:
            return pb.BatchCheckResponse(
                results=[pb.BatchCheckResult(response=self._decide(item)) for item in request.items]
            )

    def WatchAccess(
        self, requests: Iterator[pb.WatchAccessRequest], context: grpc.ServicerContext
    ) -> Iterator[pb.WatchAccessResponse]:
        stream = _FakeStream()
        with self._lock:
            self._streams.append(stream)
        threading.Thread(target=self._read, args=(requests, stream), daemon=True).start()
        context.add_callback(lambda: stream.out.put(None))
        while True:
            try:
                response = stream.out.get(timeout=0.25)
            except queue.Empty:
                response = pb.WatchAccessResponse()
            if response is None:
                return
            if not self.silent.is_set():
                yield response

    def _read(self, requests: Iterator[pb.WatchAccessRequest], stream: _FakeStream) -> None:
        try:
            for request in requests:
                with self._lock:
                    self._begin_or_end(request, stream)
        except Exception:  # noqa: BLE001 - the call is over
            pass
        with self._lock:
            self._streams.remove(stream)

    def _begin_or_end(self, request: pb.WatchAccessRequest, stream: _FakeStream) -> None:
        if request.HasField("check"):
            self.asked.append(request.check)
            stream.open[request.id] = request.check
            stream.out.put(pb.WatchAccessResponse(id=request.id, response=self._decide(request.check)))
        elif stream.open.pop(request.id, None) is not None:
            stream.out.put(pb.WatchAccessResponse(id=request.id, ended=True))
        else:
            error = error_pb2.ItemError(code=grpc.StatusCode.INVALID_ARGUMENT.value[0])
            stream.out.put(pb.WatchAccessResponse(id=request.id, error=error))

    @property
    def watched(self) -> int:
        with self._lock:
            return sum(len(each.open) for each in self._streams)


class _FakeStream:
    def __init__(self) -> None:
        self.open: dict[int, pb.CheckRequest] = {}
        self.out: queue.SimpleQueue[pb.WatchAccessResponse | None] = queue.SimpleQueue()
