"""Everything once more against the sidecar whose jar MODELGATE_JAR names."""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest

from modelgate import ModelgateClient, Question, aio


from programs import running
from scoring import FRAUD, OTHER, STREAMS, Server, ask
from test_asgi import CHAT, JSON, Bed
from test_interceptors import refusal

pytestmark = pytest.mark.sidecar
PATIENT_MS = 5_000


def encode(fields: dict[int, Any]) -> bytes:
    """A message of strings, small numbers and messages by field number: the stubs have the data plane alone."""
    encoded = b""
    for number, value in fields.items():
        if isinstance(value, int):
            encoded += bytes([number << 3, value])
        else:
            octets = value.encode() if isinstance(value, str) else encode(value)
            assert len(octets) < 128
            encoded += bytes([number << 3 | 2, len(octets)]) + octets
    return encoded


class Sidecar:
    """A real one on free ports, with the models fraud and other and nothing granted on them."""

    def __init__(self, data: Path, lines: list[str]) -> None:
        ports = dict(re.findall(r"(data plane|admin plane) 127\.0\.0\.1:(\d+)", "\n".join(lines)))
        self.address = f"127.0.0.1:{ports['data plane']}"
        self.socket = data / "modelgate.sock"
        self._token = (data / "admin.token").read_text().strip()
        self._channel = grpc.insecure_channel(f"127.0.0.1:{ports['admin plane']}")
        self._admin("CreateOrganization", {1: "acme"})
        for _, model, _ in (FRAUD, OTHER):
            self._admin("CreateResource", {1: model, 4: "user:owner@acme.com"})

    def allow(self, principal: str, model: str, action: str) -> None:
        self._admin("UpdateGrants", {1: model, 2: {1: 1, 2: principal, 3: "user"}})

    def revoke(self, principal: str, model: str, action: str) -> None:
        """Returns when it is acknowledged."""
        self._admin("UpdateGrants", {1: model, 2: {1: 3, 2: principal}})

    def _admin(self, method: str, request: dict[int, Any]) -> None:
        call: Any = self._channel.unary_unary(f"/modelgate.v1.AdminService/{method}")
        call(encode(request), metadata=(("authorization", f"Bearer {self._token}"),), timeout=30)

    def close(self) -> None:
        self._channel.close()


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sidecar]:
    directory = tmp_path_factory.mktemp("sidecar")
    ports = [each for plane in ("--port", "--admin-port", "--http-port") for each in (plane, "0")]
    java = Path(os.environ["JAVA_HOME"]) / "bin/java" if "JAVA_HOME" in os.environ else "java"
    command = [java, "-Xmx192m", "-jar", os.environ["MODELGATE_JAR"], "serve", "--data", directory / "data", *ports]
    with running([str(each) for each in command], directory, "^serving") as lines:
        made = Sidecar(directory / "data", lines)
        yield made
        made.close()


@pytest.fixture
def sidecar(shared: Sidecar) -> Iterator[Sidecar]:
    shared.allow(*FRAUD)
    yield shared
    shared.allow(*FRAUD)
    shared.revoke(*FRAUD)


def test_client_is_answered_over_socket_and_port(sidecar: Sidecar) -> None:
    every: list[dict[str, Any]] = [{"socket": sidecar.socket}, {"address": sidecar.address}]
    for settings in every:
        with ModelgateClient(deadline_ms=PATIENT_MS, **settings) as client:
            assert client.check(*FRAUD)
            assert client.check(*OTHER).reason == "NO_GRANT"
            assert [bool(each) for each in client.batch_check([Question(*OTHER), Question(*FRAUD)])] == [False, True]
            assert client.check(FRAUD[0], FRAUD[1], "no-such-action").reason == "UNKNOWN_ACTION"


def test_watch_ends_with_the_revoke(sidecar: Sidecar) -> None:
    with ModelgateClient(socket=sidecar.socket, deadline_ms=PATIENT_MS) as client:
        watch = client.watch(Question(*FRAUD))
        assert watch.answer
        sidecar.revoke(*FRAUD)
        ended = watch.wait_ended(10)
        assert ended is not None and ended.reason == "NO_GRANT"


async def test_aio_watch_stays_for_more_than_a_second_and_ends_with_the_revoke(sidecar: Sidecar) -> None:
    async with aio.ModelgateClient(socket=sidecar.socket, deadline_ms=PATIENT_MS) as client:
        watch = await client.watch(Question(*FRAUD))
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(watch.ended(), 1.5)
        await asyncio.to_thread(sidecar.revoke, *FRAUD)
        ended = await asyncio.wait_for(watch.ended(), 10)
        assert ended is not None and ended.reason == "NO_GRANT"


@pytest.mark.parametrize("kind", ["threads", "aio", "aio-threads"])
class TestServer:
    def test_calls_are_checked(self, sidecar: Sidecar, kind: str) -> None:
        server = Server(kind, sidecar.address)
        for method in ("UnaryUnary", "RawUnaryUnary", *STREAMS):
            assert list(server.call(method, [ask("fraud")])) == [ask("fraud")]
            assert refusal(server.call(method, [ask("other")])) == (grpc.StatusCode.PERMISSION_DENIED, "NO_GRANT")
        server.close()

    def test_revoke_ends_a_running_call(self, sidecar: Sidecar, kind: str) -> None:
        server = Server(kind, sidecar.address)
        server.handlers.end.clear()
        call = server.call("UnaryStream", [ask("fraud")])
        assert next(call) == ask("fraud")
        sidecar.revoke(*FRAUD)
        assert refusal(call) == (grpc.StatusCode.PERMISSION_DENIED, "NO_GRANT")
        server.close()


async def test_application_is_protected(sidecar: Sidecar) -> None:
    bed = Bed(sidecar.address)
    assert (await bed.request("POST", CHAT, JSON, [b'{"model": "fraud"}']))[0] == 200
    bed.sent.clear()
    assert (await bed.request("POST", CHAT, JSON, [b'{"model": "other"}']))[0] == 403
    await bed.client.close()


async def test_list_is_filtered(sidecar: Sidecar) -> None:
    bed = Bed(sidecar.address)
    bed.application.answer = b'{"data": [{"id": "fraud"}, {"id": "none"}]}'
    assert await bed.request("GET", "/v1/models") == (200, {"data": [{"id": "fraud"}]})
    await bed.client.close()


