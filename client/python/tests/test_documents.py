"""What the README says and the examples show is run."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
import httpx
import openai
import pytest

from programs import running, uvicorn
from scoring import ANA, FRAUD, ask
from sidecar import FakeSidecar

PACKAGE = Path(__file__).parents[1]
README = (PACKAGE / "README.md").read_text("utf-8")
HEADERS = {"x-user": FRAUD[0]}
INFER = "/inference.GRPCInferenceService/ModelInfer"


def snippets(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", README, re.DOTALL | re.MULTILINE)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A directory with the README's programs and protection document, the examples, and room for the usual socket."""
    for snippet in snippets("python"):
        (tmp_path / snippet.splitlines()[0].removeprefix("# ")).write_text(snippet)
    (tmp_path / "protect.yaml").write_text(snippets("yaml")[0])
    shutil.copytree(PACKAGE / "examples", tmp_path / "examples", ignore=shutil.ignore_patterns("__pycache__"))
    for program in (*tmp_path.glob("*.py"), *tmp_path.glob("examples/*.py")):
        # 50 ms is a promise of a machine that does not run tests besides.
        program.write_text(program.read_text().replace("ModelgateClient()", "ModelgateClient(deadline_ms=5_000)"))
    (tmp_path / "modelgate-data").mkdir(mode=0o750)
    return tmp_path


@pytest.fixture
def usual(place: Path) -> Iterator[FakeSidecar]:
    fake = FakeSidecar(place / "modelgate-data/modelgate.sock")
    yield fake
    fake.stop()


def test_questions_of_the_readme_are_answered(place: Path, usual: FakeSidecar) -> None:
    asked = [sys.executable, "ask.py"]
    assert subprocess.run(asked, cwd=place, capture_output=True, text=True).stdout == "NO_GRANT\nNO_GRANT\n"
    usual.allow(*FRAUD)
    assert subprocess.run(asked, cwd=place, capture_output=True, text=True).stdout == "allowed\nallowed\n"


def test_grpc_server_of_the_readme_is_protected(place: Path, usual: FakeSidecar) -> None:
    usual.allow(*FRAUD)
    program = place / "grpc_server.py"
    started = "await server.start()"
    text = program.read_text().replace("127.0.0.1:8001", f"unix:{place}/g").replace(started, f"{started}; print('up')")
    program.write_text(text)
    with running([sys.executable, program], place, "up"):
        # It has no services yet: what may pass is unimplemented, what may not is denied before.
        assert _code(place / "g", ANA) is grpc.StatusCode.UNIMPLEMENTED
        assert _code(place / "g", ANA, "/other.Service/Method") is grpc.StatusCode.PERMISSION_DENIED


def test_fastapi_server_of_the_readme_is_protected(place: Path, usual: FakeSidecar) -> None:
    usual.allow(*FRAUD)
    with uvicorn("fastapi_server:app", place, place / "f"), _http(place / "f") as client:
        body = {"model": "fraud"}
        assert client.post("/v1/chat/completions", json=body, headers=HEADERS).json()["model"] == "fraud"
        assert client.post("/v1/chat/completions", json=body).status_code == 401
        refused = client.post("/v1/chat/completions", json={"model": "other"}, headers=HEADERS)
        assert (refused.status_code, refused.json()["error"]["reason"]) == (403, "NO_GRANT")


def test_grpc_server_of_the_examples_is_protected(place: Path, usual: FakeSidecar) -> None:
    usual.allow(*FRAUD)
    with running([sys.executable, "examples/grpc_server.py", f"unix:{place}/g"], place, "serving"):
        assert _code(place / "g", ANA) is grpc.StatusCode.OK
        assert _code(place / "g", ()) is grpc.StatusCode.UNAUTHENTICATED
        usual.revoke(*FRAUD)
        assert _code(place / "g", ANA) is grpc.StatusCode.PERMISSION_DENIED


class TestOpenAi:
    """The stock client in front of the example."""

    @pytest.fixture
    def client(self, place: Path, usual: FakeSidecar) -> Iterator[openai.OpenAI]:
        with uvicorn("examples.fastapi_server:app", place, place / "f"), _http(place / "f") as http:
            yield openai.OpenAI(
                api_key="none", base_url="http://server/v1", http_client=http, max_retries=0, default_headers=HEADERS
            )

    def test_completion_is_checked(self, client: openai.OpenAI, usual: FakeSidecar) -> None:
        with pytest.raises(openai.PermissionDeniedError, match="NO_GRANT"):
            self._complete(client)
        usual.allow(*FRAUD)
        assert self._complete(client).choices[0].message.content == "hello"

    def test_models_are_filtered(self, client: openai.OpenAI, usual: FakeSidecar) -> None:
        usual.allow(FRAUD[0], FRAUD[1], "discover")
        assert [each.id for each in client.models.list()] == ["fraud"]

    def test_stream_is_cut_by_a_revoke(self, client: openai.OpenAI, usual: FakeSidecar) -> None:
        usual.allow(*FRAUD)
        stream = iter(self._complete(client, stream=True))
        assert next(stream).choices[0].delta.content == "hello"
        usual.revoke(*FRAUD)
        with pytest.raises(openai.APIError, match="NO_GRANT"):
            for _ in stream:
                pass

    def test_sidecar_that_is_gone_is_unavailable(self, client: openai.OpenAI, usual: FakeSidecar) -> None:
        usual.stop()
        with pytest.raises(openai.InternalServerError, match="authorization unavailable"):
            self._complete(client)

    @staticmethod
    def _complete(client: openai.OpenAI, **more: Any) -> Any:
        return client.chat.completions.create(model="fraud", messages=[{"role": "user", "content": "hello"}], **more)


def _code(socket: Path, metadata: Any, method: str = INFER) -> grpc.StatusCode:
    with grpc.insecure_channel(f"unix:{socket}") as channel:
        call: Any = channel.unary_unary(method)
        try:
            assert call(ask("fraud"), metadata=metadata, timeout=20, wait_for_ready=True) == ask("fraud")
            return grpc.StatusCode.OK
        except grpc.RpcError as e:
            code: grpc.StatusCode = e.code()
            return code


def _http(socket: Path) -> Any:
    return httpx.Client(transport=httpx.HTTPTransport(uds=str(socket)), base_url="http://server", timeout=20)
