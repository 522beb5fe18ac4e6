"""All shapes of methods, on parsed messages and on bytes, behind both interceptors."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator
from typing import Any

import grpc
import pytest
from google.rpc import error_details_pb2, status_pb2

from modelgate.principals import Call, Link, Principals
from scoring import ANA, FRAUD, OTHER, SHAPES, STREAMS, Server, ask
from sidecar import FakeSidecar

Start = Callable[..., Server]


@pytest.fixture(params=["threads", "aio", "aio-threads"])
def start(request: pytest.FixtureRequest, sidecar: FakeSidecar) -> Iterator[Start]:
    started: list[Server] = []

    def begin(**settings: Any) -> Server:
        started.append(Server(request.param, **{"sidecar": sidecar.address, **settings}))
        return started[-1]

    yield begin
    for each in started:
        each.close()


every_method = pytest.mark.parametrize("method", [raw + shape for raw in ("", "Raw") for shape in SHAPES])
every_stream = pytest.mark.parametrize("method", [raw + shape for raw in ("", "Raw") for shape in STREAMS])
request_streams = pytest.mark.parametrize("method", ["StreamUnary", "StreamStream", "RawStreamStream"])


def refusal(call: Any) -> tuple[grpc.StatusCode, str]:
    """How a call is refused: its code and the reason of its one ErrorInfo."""
    with pytest.raises(grpc.RpcError) as raised:
        for _ in call:
            pass
    error: Any = raised.value
    details = dict(error.trailing_metadata()).get("grpc-status-details-bin")
    assert details is not None, f"{error.code()} {error.details()}"
    status = status_pb2.Status.FromString(details)
    info = error_details_pb2.ErrorInfo()
    (detail,) = status.details
    assert detail.Unpack(info)
    assert (info.domain, status.code, status.message) == ("modelgate.dev", error.code().value[0], error.details())
    return error.code(), info.reason


class Requests:
    """A stream of requests that a test writes one by one."""

    def __init__(self, *first: bytes) -> None:
        self._queue: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        for each in first:
            self._queue.put(each)

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._queue.get, None)

    def put(self, request: bytes | None) -> None:
        self._queue.put(request)


@every_method
def test_allowed_call_passes(sidecar: FakeSidecar, start: Start, method: str) -> None:
    sidecar.allow(*FRAUD)
    server = start()
    assert list(server.call(method, [ask("fraud")])) == [ask("fraud")]


@every_method
def test_denied_call_reaches_no_handler(start: Start, method: str) -> None:
    server = start()
    assert refusal(server.call(method, [ask("fraud")])) == (grpc.StatusCode.PERMISSION_DENIED, "NO_GRANT")
    assert not server.handlers.seen


@every_method
def test_version_is_asked_for_itself(sidecar: FakeSidecar, start: Start, method: str) -> None:
    sidecar.allow(FRAUD[0], f"{FRAUD[1]}/versions/3", "predict")
    server = start()
    assert list(server.call(method, [ask("fraud", "3")]))
    assert refusal(server.call(method, [ask("fraud")]))[1] == "NO_GRANT"


@every_method
@pytest.mark.parametrize(
    "metadata", [(), (("x-user", ""),), (*ANA, *ANA), (*ANA, ("x-user", "user:eve@acme.com"))], ids=str
)
def test_caller_without_one_principal_is_unauthenticated(
    sidecar: FakeSidecar, start: Start, method: str, metadata: Any
) -> None:
    sidecar.allow(*FRAUD)
    server = start()
    refused = refusal(server.call(method, [ask("fraud")], metadata))
    assert refused == (grpc.StatusCode.UNAUTHENTICATED, "UNAUTHENTICATED")
    assert not server.handlers.seen


@every_method
def test_request_without_a_model_is_denied(sidecar: FakeSidecar, start: Start, method: str) -> None:
    server = start()
    assert refusal(server.call(method, [b""])) == (grpc.StatusCode.PERMISSION_DENIED, "NO_MODEL")
    assert not server.handlers.seen


@every_stream
def test_stream_without_a_request_is_denied_where_it_can_be(start: Start, method: str) -> None:
    """grpc.aio leaves a call for one request that has none to its deadline."""
    server = start()
    with pytest.raises(grpc.RpcError):
        list(server.call(method, [], timeout_s=2))
    assert not server.handlers.seen


@pytest.mark.parametrize("shape", SHAPES)
def test_method_without_a_rule_is_denied(start: Start, shape: str) -> None:
    server = start()
    refused = refusal(server.call(f"Unmapped{shape}", [ask("fraud")]))
    assert refused == (grpc.StatusCode.PERMISSION_DENIED, "NO_MODEL")
    assert not server.handlers.seen


@pytest.mark.parametrize("shape", SHAPES)
def test_bytes_that_can_be_misread_are_malformed(sidecar: FakeSidecar, start: Start, shape: str) -> None:
    """Hazard 36: the handler's parser would keep the last."""
    sidecar.allow(*FRAUD)
    server = start()
    refused = refusal(server.call(f"Raw{shape}", [ask("fraud") + ask("other")]))
    assert refused == (grpc.StatusCode.INVALID_ARGUMENT, "REQUEST_MALFORMED")
    assert not server.handlers.seen


@pytest.mark.parametrize("shape", SHAPES)
def test_parsed_message_is_read_as_the_handler_reads_it(sidecar: FakeSidecar, start: Start, shape: str) -> None:
    sidecar.allow(*OTHER)
    server = start()
    assert list(server.call(shape, [ask("fraud") + ask("other")])) == [ask("other")]


@every_method
def test_sidecar_that_is_gone_denies(sidecar: FakeSidecar, start: Start, method: str) -> None:
    sidecar.stop()
    server = start()
    refused = refusal(server.call(method, [ask("fraud")]))
    assert refused == (grpc.StatusCode.UNAVAILABLE, "AUTHORIZATION_UNAVAILABLE")
    assert not server.handlers.seen


class _Broken:
    may_block = True

    def link(self, call: Call) -> Link | None:
        raise RuntimeError("broken")


@every_method
def test_extraction_that_fails_denies(sidecar: FakeSidecar, start: Start, method: str) -> None:
    server = start(principals=Principals([_Broken()]))
    assert refusal(server.call(method, [ask("fraud")]))[0] is grpc.StatusCode.UNAUTHENTICATED
    assert not server.handlers.seen


@every_method
def test_mapping_that_fails_denies(start: Start, method: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*unused: object) -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr("modelgate.protect.document.MethodRule.read", fail)
    server = start()
    assert refusal(server.call(method, [ask("fraud")])) == (grpc.StatusCode.PERMISSION_DENIED, "NO_MODEL")
    assert not server.handlers.seen


@request_streams
def test_further_message_that_is_denied_reaches_no_handler(sidecar: FakeSidecar, start: Start, method: str) -> None:
    sidecar.allow(*FRAUD)
    server = start()
    assert refusal(server.call(method, [ask("fraud"), ask("other"), ask("fraud")]))[1] == "NO_GRANT"
    assert ask("other") not in server.handlers.seen


@request_streams
def test_further_message_without_a_model_is_denied(sidecar: FakeSidecar, start: Start, method: str) -> None:
    sidecar.allow(*FRAUD)
    server = start()
    assert refusal(server.call(method, [ask("fraud"), b""]))[1] == "NO_MODEL"
    assert b"" not in server.handlers.seen


@request_streams
def test_handler_that_goes_on_after_a_refusal_sends_nothing(sidecar: FakeSidecar, start: Start, method: str) -> None:
    sidecar.allow(*FRAUD)
    server = start()
    server.handlers.stubborn = True
    refused = refusal(server.call(method, [ask("fraud"), ask("other")]))
    assert refused == (grpc.StatusCode.PERMISSION_DENIED, "NO_GRANT")


@pytest.mark.parametrize("start", ["aio", "aio-threads"], indirect=True)
def test_denial_right_behind_a_response_ends_the_call(sidecar: FakeSidecar, start: Start) -> None:
    """grpc.aio refuses a status while the first response is on its way."""
    sidecar.allow(*FRAUD)
    server = start()
    for _ in range(100):
        assert refusal(server.call("StreamStream", [ask("fraud"), b""], timeout_s=10))[1] == "NO_MODEL"


@pytest.mark.parametrize("start", ["aio-threads"], indirect=True)
class TestPlainHandlerOnALoop:
    """What grpc's own adapter gives such a handler, and what it does not."""

    def test_context_has_what_a_plain_handler_expects(self, sidecar: FakeSidecar, start: Start) -> None:
        told = threading.Event()

        def handle(request: Any, context: Any) -> Iterator[Any]:
            assert context.is_active() and context.add_callback(told.set)
            assert context.peer() and context.time_remaining() > 0 and context.auth_context()
            context.send_initial_metadata((("x-begin", dict(context.invocation_metadata())["x-user"]),))
            context.set_trailing_metadata((("x-end", "2"),))
            yield request

        call = self._call(sidecar, start, handle)
        assert list(call) == [ask("fraud")]
        assert dict(call.initial_metadata())["x-begin"] == FRAUD[0]
        assert dict(call.trailing_metadata())["x-end"] == "2"
        assert told.wait(10)

    @pytest.mark.parametrize("sent", [0, 1, 3])
    def test_abort_ends_the_call(self, sidecar: FakeSidecar, start: Start, sent: int) -> None:
        def handle(request: Any, context: Any) -> Iterator[Any]:
            for _ in range(sent):
                yield request
            context.abort(grpc.StatusCode.FAILED_PRECONDITION, "not now")

        got = []
        with pytest.raises(grpc.RpcError) as raised:
            for response in self._call(sidecar, start, handle):
                got.append(response)
        error: Any = raised.value
        assert (error.code(), error.details(), len(got)) == (grpc.StatusCode.FAILED_PRECONDITION, "not now", sent)

    @pytest.mark.parametrize("failure", [ValueError, StopIteration])
    def test_failure_ends_the_call(self, sidecar: FakeSidecar, start: Start, failure: type[Exception]) -> None:
        def handle(request: Any, context: Any) -> list[Any]:
            raise failure

        with pytest.raises(grpc.RpcError) as raised:
            list(self._call(sidecar, start, handle))
        error: Any = raised.value
        assert error.code() is grpc.StatusCode.UNKNOWN

    def test_handler_whose_caller_is_gone_is_told_when_it_writes(self, sidecar: FakeSidecar, start: Start) -> None:
        began, gone, ended = threading.Event(), threading.Event(), threading.Event()

        def handle(request: Any, context: Any) -> Iterator[Any]:
            try:
                began.set()
                gone.wait(10)
                while True:
                    yield request
            finally:
                ended.set()

        call = self._call(sidecar, start, handle)
        assert began.wait(10)
        call.cancel()
        _until(lambda: sidecar.watched == 0)
        gone.set()
        assert ended.wait(10)

    def test_requests_may_be_read_on_another_thread(self, sidecar: FakeSidecar, start: Start) -> None:
        read, ended = queue.SimpleQueue[Any](), queue.SimpleQueue[BaseException]()

        def read_all(requests: Iterator[Any]) -> None:
            try:
                for each in requests:
                    read.put(each)
            except Exception as e:
                ended.put(e)

        def handle(requests: Iterator[Any], context: Any) -> Iterator[Any]:
            threading.Thread(target=read_all, args=(requests,), daemon=True).start()
            while True:
                yield read.get(timeout=10)

        sidecar.allow(*FRAUD)
        requests = Requests(ask("fraud"))
        call = start(replaced={"StreamStream": handle}).call("StreamStream", iter(requests))
        for _ in range(20):
            assert next(call) == ask("fraud")
            requests.put(ask("fraud"))
        sidecar.revoke(*FRAUD)
        assert refusal(call) == (grpc.StatusCode.PERMISSION_DENIED, "NO_GRANT")
        assert ended.get(timeout=10)

    def test_call_beyond_the_threads_waits_for_one(
        self, sidecar: FakeSidecar, start: Start, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("modelgate.interceptors._aio.THREADS_MAX", 1)
        running, end = queue.SimpleQueue[Any](), threading.Event()

        def handle(request: Any, context: Any) -> Iterator[Any]:
            running.put(request)
            end.wait(10)
            yield request

        sidecar.allow(*FRAUD)
        server = start(replaced={"UnaryStream": handle})
        gone = server.call("UnaryStream", [ask("fraud")])
        running.get(timeout=10)
        gone.cancel()
        _until(lambda: sidecar.watched == 0)
        waiting = server.call("UnaryStream", [ask("fraud")])
        _until(lambda: sidecar.watched == 1)
        with pytest.raises(queue.Empty):
            running.get(timeout=0.2)  # The thread of the call that is over has not ended.
        end.set()
        assert list(waiting) == [ask("fraud")]

    def test_call_that_waits_for_a_thread_is_cut(
        self, sidecar: FakeSidecar, start: Start, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("modelgate.interceptors._aio.THREADS_MAX", 0)
        call = self._call(sidecar, start, lambda request, context: [request])
        _until(lambda: sidecar.watched == 1)
        sidecar.revoke(*FRAUD)
        assert refusal(call) == (grpc.StatusCode.PERMISSION_DENIED, "NO_GRANT")

    def _call(self, sidecar: FakeSidecar, start: Start, handle: Callable[[Any, Any], Any]) -> Any:
        sidecar.allow(*FRAUD)
        server = start(replaced={"UnaryStream": handle})
        return server.call("UnaryStream", [ask("fraud")])


@request_streams
def test_messages_of_two_models_pass_when_both_are_allowed(sidecar: FakeSidecar, start: Start, method: str) -> None:
    sidecar.allow(*FRAUD)
    sidecar.allow(*OTHER)
    server = start()
    assert list(server.call(method, [ask("fraud"), ask("other"), ask("fraud")]))[-1] == ask("fraud")
    assert len(server.handlers.seen) == 3


class TestCut:
    """Hazard 39: what runs ends with the access, whatever the handler does."""

    @every_stream
    def test_revoke_ends_a_running_call(self, sidecar: FakeSidecar, start: Start, method: str) -> None:
        call = self._begin(sidecar, start(), method)
        sidecar.revoke(*FRAUD)
        assert refusal(call) == (grpc.StatusCode.PERMISSION_DENIED, "NO_GRANT")

    @every_stream
    def test_end_of_the_watch_ends_a_running_call(self, sidecar: FakeSidecar, start: Start, method: str) -> None:
        call = self._begin(sidecar, start(), method)
        sidecar.end_watches()
        assert refusal(call) == (grpc.StatusCode.UNAVAILABLE, "AUTHORIZATION_UNAVAILABLE")

    def test_silent_sidecar_ends_a_running_call(self, sidecar: FakeSidecar, start: Start) -> None:
        call = self._begin(sidecar, start(watch_lost_after_ms=600), "UnaryStream")
        sidecar.silent.set()
        assert refusal(call) == (grpc.StatusCode.UNAVAILABLE, "AUTHORIZATION_UNAVAILABLE")

    @request_streams
    def test_revoke_of_a_later_model_ends_a_running_call(
        self, sidecar: FakeSidecar, start: Start, method: str
    ) -> None:
        sidecar.allow(*FRAUD)
        sidecar.allow(*OTHER)
        server = start()
        server.handlers.end.clear()
        call = server.call(method, [ask("fraud"), ask("other")])
        _until(lambda: len(server.handlers.seen) == 2)
        sidecar.revoke(*OTHER)
        assert refusal(call) == (grpc.StatusCode.PERMISSION_DENIED, "NO_GRANT")

    def test_other_streams_go_on(self, sidecar: FakeSidecar, start: Start) -> None:
        server = start()
        sidecar.allow(*OTHER)
        cut = self._begin(sidecar, server, "UnaryStream")
        requests = Requests(ask("other"))
        staying = server.call("StreamStream", iter(requests))
        assert next(staying) == ask("other")
        sidecar.revoke(*FRAUD)
        refusal(cut)
        requests.put(ask("other"))
        assert next(staying) == ask("other")
        server.handlers.end.set()
        requests.put(None)
        assert list(staying) == []

    @every_stream
    def test_call_that_ended_is_watched_no_more(self, sidecar: FakeSidecar, start: Start, method: str) -> None:
        sidecar.allow(*FRAUD)
        server = start()
        list(server.call(method, [ask("fraud")]))
        _until(lambda: sidecar.watched == 0)

    @every_stream
    def test_call_that_is_cancelled_is_watched_no_more(
        self, sidecar: FakeSidecar, start: Start, method: str
    ) -> None:
        call = self._begin(sidecar, start(), method)
        call.cancel()
        _until(lambda: sidecar.watched == 0)

    def _begin(self, sidecar: FakeSidecar, server: Server, method: str) -> Any:
        """A call whose handler runs and does nothing more."""
        sidecar.allow(*FRAUD)
        server.handlers.end.clear()
        call = server.call(method, [ask("fraud")])
        _until(lambda: bool(server.handlers.seen))
        return call


def _until(condition: Callable[[], bool]) -> None:
    """Waits for something that happens elsewhere, at most 10 s."""
    turns = queue.SimpleQueue[None]()
    for _ in range(1_000):
        if condition():
            return
        try:
            turns.get(timeout=0.01)
        except queue.Empty:
            pass
    raise AssertionError("did not come")
