"""Both clients against a fake sidecar: every failure is a denial that keeps its cause."""

from __future__ import annotations

import asyncio
import inspect
import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf import any_pb2, duration_pb2, json_format
from google.rpc import error_details_pb2, status_pb2

from modelgate import Answer, ModelgateClient, Outcome, Question, Tls, aio
from modelgate.endpoint import UnixSocket, endpoint
from modelgate.v1 import authorization_pb2 as pb
from sidecar import ALLOW, FakeSidecar

ANA = ("user:ana@acme.com", "fraud", "predict")
PATIENT_MS = 5_000


class Both:
    """Runs the same call on the client for threads or the one for asyncio."""

    def __init__(self, kind: str, **settings: Any) -> None:
        self._loop = asyncio.new_event_loop() if kind == "aio" else None
        self.client: Any = (aio.ModelgateClient if kind == "aio" else ModelgateClient)(**settings)

    def __call__(self, name: str, *args: Any, **keywords: Any) -> Any:
        async def run() -> Any:
            result = getattr(self.client, name)(*args, **keywords)
            return await result if inspect.isawaitable(result) else result

        return self._loop.run_until_complete(run()) if self._loop else getattr(self.client, name)(*args, **keywords)

    def close(self) -> None:
        self("close")
        if self._loop:
            self._loop.close()


Make = Callable[..., Both]


@pytest.fixture(params=["threads", "aio"])
def make(request: pytest.FixtureRequest) -> Iterator[Make]:
    made: list[Both] = []

    def begin(**settings: Any) -> Both:
        made.append(Both(request.param, **{"deadline_ms": PATIENT_MS, **settings}))
        return made[-1]

    yield begin
    for each in made:
        each.close()


def test_granted_access_is_allowed(sidecar: FakeSidecar, make: Make) -> None:
    sidecar.allow(*ANA)
    answer = make(address=sidecar.address)("check", *ANA)
    assert answer == Answer(Outcome.ALLOWED, revision="r1")
    assert answer


def test_missing_grant_is_denied_with_its_reason(sidecar: FakeSidecar, make: Make) -> None:
    answer = make(address=sidecar.address)("check", *ANA)
    assert answer == Answer(Outcome.DENIED, "NO_GRANT", "r1")
    assert not answer


def test_question_reaches_the_sidecar_whole(sidecar: FakeSidecar, make: Make) -> None:
    make(address=sidecar.address)(
        "check", *ANA, acting_through=["app:claims"], context={"a": [1, "x", {"b": True}]}, link_secret="s"
    )
    (asked,) = sidecar.asked
    assert (asked.principal, asked.model, asked.action, list(asked.acting_through)) == (*ANA, ["app:claims"])
    assert asked.link_secret == "s"
    assert json_format.MessageToDict(asked.context) == {"a": [1, "x", {"b": True}]}


def test_unreachable_sidecar_is_a_denial_with_its_cause(make: Make) -> None:
    gone = FakeSidecar()
    gone.stop()
    answer = make(address=gone.address)("check", *ANA)
    assert answer.outcome is Outcome.DENIED
    assert answer.cause.code is grpc.StatusCode.UNAVAILABLE
    assert answer.cause.__cause__ is not None


def test_silent_sidecar_is_a_denial_at_the_deadline(sidecar: FakeSidecar, make: Make) -> None:
    release = threading.Event()

    def hold(request: pb.CheckRequest, context: grpc.ServicerContext) -> None:
        release.wait()

    sidecar.before = hold
    answer = make(address=sidecar.address, deadline_ms=50)("check", *ANA)
    release.set()
    assert (answer.outcome, answer.reason) == (Outcome.DENIED, "DEADLINE_EXCEEDED")


@pytest.mark.parametrize("decision", [0, 77])
def test_unknown_decision_is_a_denial(
    sidecar: FakeSidecar, make: Make, monkeypatch: pytest.MonkeyPatch, decision: int
) -> None:
    answer_with = pb.CheckResponse.FromString(bytes([8, decision]))
    monkeypatch.setattr(sidecar, "_decide", lambda request: answer_with)
    answer = make(address=sidecar.address)("check", *ANA)
    assert (answer.outcome, answer.reason) == (Outcome.DENIED, "UNKNOWN_DECISION")


def test_unavailable_once_is_asked_again(sidecar: FakeSidecar, make: Make) -> None:
    sidecar.allow(*ANA)

    def fail_first(request: pb.CheckRequest, context: grpc.ServicerContext) -> None:
        if len(sidecar.asked) == 1:
            context.abort(grpc.StatusCode.UNAVAILABLE, "starting")

    sidecar.before = fail_first
    assert make(address=sidecar.address)("check", *ANA)
    assert len(sidecar.asked) == 2


def test_unavailable_twice_is_final(sidecar: FakeSidecar, make: Make) -> None:
    sidecar.before = lambda request, context: context.abort(grpc.StatusCode.UNAVAILABLE, "starting")
    assert make(address=sidecar.address)("check", *ANA).reason == "UNAVAILABLE"
    assert len(sidecar.asked) == 2


def test_refused_question_is_a_denial_with_the_reason_of_the_sidecar(sidecar: FakeSidecar, make: Make) -> None:
    def refuse(request: pb.CheckRequest, context: grpc.ServicerContext) -> None:
        info, retry = any_pb2.Any(), any_pb2.Any()
        info.Pack(error_details_pb2.ErrorInfo(domain="modelgate.dev", reason="UNKNOWN_ACTION"))
        retry.Pack(error_details_pb2.RetryInfo(retry_delay=duration_pb2.Duration(seconds=2)))
        status = status_pb2.Status(code=3, message="no such action", details=[info, retry])
        context.set_trailing_metadata((("grpc-status-details-bin", status.SerializeToString()),))
        context.abort(grpc.StatusCode.INVALID_ARGUMENT, "no such action")

    sidecar.before = refuse
    answer = make(address=sidecar.address)("check", *ANA)
    assert (answer.reason, answer.cause.message, answer.cause.retry_after) == ("UNKNOWN_ACTION", "no such action", 2.0)
    assert len(sidecar.asked) == 1


def test_batch_answers_in_order(sidecar: FakeSidecar, make: Make) -> None:
    sidecar.allow(*ANA)
    questions = [Question(ANA[0], "other", "predict"), Question(*ANA)]
    assert [bool(each) for each in make(address=sidecar.address)("batch_check", questions)] == [False, True]


def test_batch_with_another_number_of_results_denies_all(
    sidecar: FakeSidecar, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    response = pb.BatchCheckResponse(results=[pb.BatchCheckResult(response=ALLOW)])
    monkeypatch.setattr(FakeSidecar, "BatchCheck", lambda *unused: response)
    fake = FakeSidecar()
    answers = make(address=fake.address)("batch_check", [Question(*ANA)] * 2)
    fake.stop()
    assert [each.reason for each in answers] == ["UNKNOWN_DECISION"] * 2


def test_failed_batch_denies_all_with_the_cause(make: Make) -> None:
    gone = FakeSidecar()
    gone.stop()
    answers = make(address=gone.address)("batch_check", [Question(*ANA)] * 3)
    assert [each.cause.code for each in answers] == [grpc.StatusCode.UNAVAILABLE] * 3


def test_batch_over_the_limit_is_refused(make: Make) -> None:
    with pytest.raises(ValueError, match="1001"):
        make()("batch_check", [Question(*ANA)] * 1001)


def test_closed_client_denies(sidecar: FakeSidecar, make: Make) -> None:
    sidecar.allow(*ANA)
    client = make(address=sidecar.address)
    client("close")
    assert not client("check", *ANA)
    assert not client("watch", Question(*ANA)).answer


def test_sidecar_that_comes_back_is_found_again(make: Make, tmp_path: Path) -> None:
    os.chmod(tmp_path, 0o750)
    socket = tmp_path / "s"
    client = make(socket=socket)
    first = FakeSidecar(socket)
    first.allow(*ANA)
    assert client("check", *ANA)
    first.stop()
    assert not client("check", *ANA)
    second = FakeSidecar(socket)
    second.allow(*ANA)
    found = any(client("check", *ANA) for _ in range(10_000))
    second.stop()
    assert found


class TestSocket:
    """Hazard 40: nobody answers in the sidecar's place."""

    def test_socket_in_a_private_directory_is_asked(self, make: Make, tmp_path: Path) -> None:
        os.chmod(tmp_path, 0o750)
        fake = FakeSidecar(tmp_path / "s")
        fake.allow(*ANA)
        answer = make(socket=tmp_path / "s")("check", *ANA)
        fake.stop()
        assert answer

    def test_directory_that_everybody_may_write_to_denies(self, make: Make, tmp_path: Path) -> None:
        fake = FakeSidecar(tmp_path / "s")
        fake.allow(*ANA)
        os.chmod(tmp_path, 0o777)
        client = make(socket=tmp_path / "s")
        answer, watched = client("check", *ANA), client("watch", Question(*ANA)).answer
        fake.stop()
        assert "everybody may write" in answer.cause.message
        assert "everybody may write" in watched.cause.message

    def test_socket_of_another_owner_denies(self, make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        os.chmod(tmp_path, 0o750)
        fake = FakeSidecar(tmp_path / "s")
        fake.allow(*ANA)
        _owned_by(monkeypatch, {tmp_path / "s": 4711})
        answer = make(socket=tmp_path / "s")("check", *ANA)
        fake.stop()
        assert "owned by uid 4711" in answer.cause.message

    def test_owner_who_is_not_trusted_denies_unless_named(
        self, make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        os.chmod(tmp_path, 0o750)
        fake = FakeSidecar(tmp_path / "s")
        fake.allow(*ANA)
        _owned_by(monkeypatch, {tmp_path / "s": 4711, tmp_path: 4711})
        refused = make(socket=tmp_path / "s")("check", *ANA)
        named = make(socket=tmp_path / "s", socket_owner=4711)("check", *ANA)
        fake.stop()
        assert "name the owner" in refused.cause.message
        # The owner is accepted; that the process behind the socket is another's is not.
        assert "the server runs as uid" in named.cause.message

    def test_file_that_is_no_socket_denies(self, make: Make, tmp_path: Path) -> None:
        (tmp_path / "s").touch()
        assert "is no socket" in make(socket=tmp_path / "s")("check", *ANA).cause.message


def _owned_by(monkeypatch: pytest.MonkeyPatch, owners: dict[Path, int]) -> None:
    """Only root could give the files away, so what the system tells of them is changed."""

    def told(real: Callable[..., os.stat_result]) -> Callable[..., os.stat_result]:
        def changed(path: Any, **more: Any) -> os.stat_result:
            found = real(path, **more)
            fields = list(found)
            fields[4] = owners.get(Path(path), found.st_uid)
            return os.stat_result(fields, {"st_ctime_ns": found.st_ctime_ns})

        return changed

    monkeypatch.setattr("modelgate.endpoint.os.stat", told(os.stat))
    monkeypatch.setattr("modelgate.endpoint.os.lstat", told(os.lstat))


def test_address_without_tls_must_be_loopback() -> None:
    with pytest.raises(ValueError, match="expected: loopback"):
        ModelgateClient(address="192.0.2.1:7070")


@pytest.mark.parametrize("address", ["localhost", "localhost:", "localhost:0", "localhost:65536", ":7070", "localhost:x"])
def test_address_that_is_none_is_refused(address: str) -> None:
    with pytest.raises(ValueError, match="expected: host:port"):
        ModelgateClient(address=address)


def test_socket_beside_an_address_is_refused() -> None:
    with pytest.raises(ValueError, match="no address or TLS"):
        ModelgateClient(socket="s", tls=Tls())


def test_usual_socket_is_preferred_where_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert endpoint(None, None, None, None).target == "dns:///127.0.0.1:7070"
    (tmp_path / "modelgate-data").mkdir()
    (tmp_path / "modelgate-data/modelgate.sock").touch()
    assert isinstance(endpoint(None, None, None, None), UnixSocket)


@pytest.mark.parametrize("deadline", [0, -1, 86_400_001, float("nan")])
def test_deadline_out_of_range_is_refused(deadline: float) -> None:
    with pytest.raises(ValueError, match="deadline_ms"):
        ModelgateClient(deadline_ms=deadline)


@pytest.mark.parametrize(
    "question",
    [
        lambda: Question("", "m", "a"),
        lambda: Question("p", "", "a"),
        lambda: Question("p", "m", ""),
        lambda: Question("p", "\ud800", "a"),
        lambda: Question("p", "m", "a", acting_through="app:x"),
        lambda: Question("p", "m", "a", context={"x": None}),
        lambda: Question("p", "m", "a", context={"x": object()}),
    ],
)
def test_malformed_question_is_refused(question: Callable[[], Question]) -> None:
    with pytest.raises(ValueError, match="expected"):
        question()


def test_secret_is_not_in_the_text_of_a_question() -> None:
    assert "s3cret" not in repr(Question("link:x", "m", "a", link_secret="s3cret"))


class TestWatch:
    """Hazard 39: what is watched ends with the access."""

    def test_revoked_access_ends_the_watch(self, sidecar: FakeSidecar, make: Make) -> None:
        sidecar.allow(*ANA)
        client = make(address=sidecar.address)
        watch = client("watch", Question(*ANA))
        assert watch.answer
        sidecar.revoke(*ANA)
        assert _end(client, watch).reason == "NO_GRANT"
        assert not watch.answer

    def test_denied_access_is_over_at_once(self, sidecar: FakeSidecar, make: Make) -> None:
        watch = make(address=sidecar.address)("watch", Question(*ANA))
        assert watch.answer.reason == "NO_GRANT"

    def test_other_watches_of_the_stream_go_on(self, sidecar: FakeSidecar, make: Make) -> None:
        other = (ANA[0], "other", "predict")
        sidecar.allow(*ANA)
        sidecar.allow(*other)
        client = make(address=sidecar.address)
        ended, staying = client("watch", Question(*ANA)), client("watch", Question(*other))
        sidecar.revoke(*ANA)
        _end(client, ended)
        assert staying.answer

    def test_end_of_the_stream_ends_the_watch(self, sidecar: FakeSidecar, make: Make) -> None:
        sidecar.allow(*ANA)
        client = make(address=sidecar.address, watch_lost_after_ms=60_000)
        watch = client("watch", Question(*ANA))
        sidecar.end_watches()
        assert _end(client, watch).reason == "WATCH_LOST"

    def test_silence_ends_the_watch(self, sidecar: FakeSidecar, make: Make) -> None:
        sidecar.allow(*ANA)
        client = make(address=sidecar.address, watch_lost_after_ms=600)
        watch = client("watch", Question(*ANA))
        sidecar.silent.set()
        assert _end(client, watch).reason == "WATCH_LOST"

    def test_heartbeats_keep_the_watch(self, sidecar: FakeSidecar, make: Make) -> None:
        sidecar.allow(*ANA)
        client = make(address=sidecar.address, watch_lost_after_ms=600)
        watch = client("watch", Question(*ANA))
        assert _end_within(client, watch, 1.5) is None

    def test_sidecar_that_is_gone_denies_the_watch(self, make: Make) -> None:
        gone = FakeSidecar()
        gone.stop()
        watch = make(address=gone.address)("watch", Question(*ANA))
        assert watch.answer.cause.code is grpc.StatusCode.UNAVAILABLE

    def test_new_watch_after_a_lost_stream_has_a_new_stream(self, sidecar: FakeSidecar, make: Make) -> None:
        sidecar.allow(*ANA)
        client = make(address=sidecar.address)
        lost = client("watch", Question(*ANA))
        sidecar.end_watches()
        _end(client, lost)
        assert client("watch", Question(*ANA)).answer

    def test_closed_watch_is_ended_at_the_sidecar(self, sidecar: FakeSidecar, make: Make) -> None:
        sidecar.allow(*ANA)
        client = make(address=sidecar.address)
        first, second = client("watch", Question(*ANA)), client("watch", Question(*ANA))
        client("watch", Question(ANA[0], "other", "predict"))
        assert sidecar.watched >= 2
        first.close()
        second.close()
        # In order on one stream: when this is answered, the ends have been read.
        client("watch", Question(*ANA))
        assert sidecar.watched <= 2


def _end(client: Both, watch: Any) -> Answer:
    answer = _end_within(client, watch, 5.0)
    assert answer is not None
    return answer


def _end_within(client: Both, watch: Any, timeout: float) -> Answer | None:
    if client._loop is None:
        ended: Answer | None = watch.wait_ended(timeout)
        return ended

    async def wait() -> Answer | None:
        try:
            answer: Answer | None = await asyncio.wait_for(watch.ended(), timeout)
            return answer
        except asyncio.TimeoutError:
            return None

    return client._loop.run_until_complete(wait())
