"""The middleware, driven as an ASGI server drives it."""

from __future__ import annotations

import asyncio
import json
import time
import urllib.parse
from collections.abc import AsyncIterator, Iterable
from typing import Any

import pytest

from modelgate import aio
from modelgate._cut import Cut, CutError
from modelgate._denial import Denial
from modelgate.asgi import ModelgateMiddleware
from modelgate.principals import Call, Link, Principals
from modelgate.protect import Protection
from sidecar import FakeSidecar

DOCUMENT = """
parent: organizations/acme
principal: {header: x-user}
protocols: [openai, open-inference]
http:
  - {request: "GET /open", open: true}
  - {request: "WEBSOCKET /ws/{model}", action: predict}
  - {request: "WEBSOCKET /open", open: true}
"""
ANA = "user:ana@acme.com"
FRAUD = (ANA, "organizations/acme/models/fraud", "predict")
USER = ((b"x-user", ANA.encode()),)
JSON = (*USER, (b"content-type", b"application/json"))
CHAT = "/v1/chat/completions"
BODY = b'{"model": "fraud", "messages": []}'


class Application:
    """Answers as a test tells it, and keeps what it was given."""

    def __init__(self) -> None:
        self.scopes: list[Any] = []
        self.bodies: list[bytes] = []
        self.begun = asyncio.Event()
        self.stopped = asyncio.Event()
        self.hold = False
        self.status = 200
        self.kind = b"application/json"
        self.answer = b"{}"
        self.extra: list[tuple[bytes, bytes]] = []

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.scopes.append(scope)
        if scope["type"] == "websocket":
            return await self._websocket(receive, send)
        body, more = b"", True
        while more:
            message = await receive()
            body, more = body + message["body"], message["more_body"]
        self.bodies.append(body)
        headers = [(b"content-type", self.kind), (b"content-length", b"%d" % len(self.answer)), *self.extra]
        await send({"type": "http.response.start", "status": self.status, "headers": headers[: 1 if self.hold else None]})
        await send({"type": "http.response.body", "body": self.answer, "more_body": self.hold})
        if self.hold:
            await self._hold()

    async def _websocket(self, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        await self._hold()

    async def _hold(self) -> None:
        self.begun.set()
        try:
            await asyncio.get_running_loop().create_future()
        finally:
            self.stopped.set()


class Bed:
    """A middleware in front of an application."""

    def __init__(self, sidecar: str, **settings: Any) -> None:
        self.client = aio.ModelgateClient(address=sidecar, deadline_ms=5_000, watch_lost_after_ms=600)
        self.application = Application()
        protection = Protection.parse(DOCUMENT)
        self.middleware = ModelgateMiddleware(self.application, client=self.client, protection=protection, **settings)
        self.sent: list[Any] = []

    async def request(
        self, method: str, target: str, headers: Iterable[tuple[bytes, bytes]] = USER, body: Iterable[bytes] = (b"",), **more: Any
    ) -> tuple[int, Any]:
        """The status and the JSON of the answer; 0 when the application was asked and answered nothing."""
        raw, _, query = target.partition("?")
        path = urllib.parse.unquote(raw)
        scope = {"type": "http", "method": method, "path": path, "raw_path": raw.encode("latin-1"), **more}
        scope |= {"query_string": query.encode(), "headers": list(headers), "client": ("127.0.0.1", 1)}
        await self.middleware(scope, self._receiver(list(body)), self._send)
        content = b"".join(each.get("body", b"") for each in self.sent[1:])
        return self.sent[0]["status"] if self.sent else 0, json.loads(content) if content else None

    async def websocket(self, path: str, headers: Iterable[tuple[bytes, bytes]] = USER) -> list[str]:
        connect = [{"type": "websocket.connect"}]
        scope = {"type": "websocket", "path": path, "raw_path": path.encode(), "query_string": b"", "headers": list(headers)}

        async def receive() -> Any:
            return connect.pop() if connect else await asyncio.get_running_loop().create_future()

        await self.middleware(scope, receive, self._send)
        return [each["type"] for each in self.sent]

    @staticmethod
    def _receiver(body: list[bytes]) -> Any:
        async def receive() -> Any:
            if not body:
                return await asyncio.get_running_loop().create_future()
            return {"type": "http.request", "body": body.pop(0), "more_body": bool(body)}

        return receive

    async def _send(self, message: Any) -> None:
        self.sent.append(message)


@pytest.fixture
async def bed(sidecar: FakeSidecar) -> AsyncIterator[Bed]:
    made = Bed(sidecar.address)
    yield made
    await made.client.close()


async def refusal(asked: Any) -> tuple[int, str]:
    status, body = await asked
    assert body is not None and set(body["error"]) == {"code", "status", "reason", "message"}
    assert body["error"]["code"] == status
    return status, body["error"]["reason"]


async def test_allowed_body_reaches_the_application_unchanged(sidecar: FakeSidecar, bed: Bed) -> None:
    sidecar.allow(*FRAUD)
    assert await bed.request("POST", CHAT, JSON, [BODY[:7], BODY[7:]]) == (200, {})
    assert bed.application.bodies == [BODY]


async def test_denied_model_is_403_and_reaches_nobody(bed: Bed) -> None:
    assert await refusal(bed.request("POST", CHAT, JSON, [BODY])) == (403, "NO_GRANT")
    assert not bed.application.scopes


async def test_path_names_the_model_and_its_version(sidecar: FakeSidecar, bed: Bed) -> None:
    sidecar.allow(ANA, "organizations/acme/models/fraud/versions/3", "predict")
    status, _ = await bed.request("POST", "/v2/models/fraud/versions/3/infer", JSON, [b"not read"])
    assert status == 200
    assert bed.application.bodies == [b"not read"]


@pytest.mark.parametrize("headers", [(), ((b"x-user", b""),), (*USER, *USER)], ids=str)
async def test_nobody_is_401(sidecar: FakeSidecar, bed: Bed, headers: Any) -> None:
    sidecar.allow(*FRAUD)
    json_headers = (*headers, (b"content-type", b"application/json"))
    assert await refusal(bed.request("POST", CHAT, json_headers, [BODY])) == (401, "UNAUTHENTICATED")
    assert not bed.application.scopes
    assert (b"www-authenticate", b'Modelgate realm="modelgate"') in bed.sent[0]["headers"]


async def test_open_request_passes_unasked(sidecar: FakeSidecar, bed: Bed) -> None:
    assert (await bed.request("GET", "/open", ()))[0] == 200
    assert not sidecar.asked


async def test_request_without_a_rule_is_403(bed: Bed) -> None:
    assert await refusal(bed.request("GET", "/docs")) == (403, "NO_MODEL")


async def test_sidecar_that_is_gone_is_503(sidecar: FakeSidecar, bed: Bed) -> None:
    sidecar.stop()
    assert await refusal(bed.request("POST", CHAT, JSON, [BODY])) == (503, "AUTHORIZATION_UNAVAILABLE")
    assert not bed.application.scopes


class TestMalformed:
    """Hazard 37: what can be read in two ways is refused, though each reading is allowed."""

    @pytest.fixture(autouse=True)
    def _allow_all(self, sidecar: FakeSidecar) -> None:
        for model in ("fraud", "Fraud"):
            for action in ("predict", "get_use", "update", "discover"):
                sidecar.allow(ANA, f"organizations/acme/models/{model}", action)

    @pytest.mark.parametrize(
        "target",
        [
            "/v2/models/fraud%2Fx/infer",
            "/v2/models/fraud%5Cx/infer",
            "/v2/models/%2e%2e/infer",
            "/v2/models/../models/fraud/infer",
            "//v2/models/fraud/infer",
            "/v2/models//fraud/infer",
            "/v2/models/fraud;x/infer",
            "/v2/models/fraud%00/infer",
            "/v2/models/fraud%ff/infer",
            "/v2/models/fraud/%69nfer",
            "/v2/models/fraud/infer#x",
            "http://other/v2/models/fraud/infer",
        ],
    )
    async def test_path(self, bed: Bed, target: str) -> None:
        assert (await refusal(bed.request("POST", target, JSON)))[0] in (400, 403)
        assert not bed.application.scopes

    @pytest.mark.parametrize(
        "body",
        [
            b"",
            b"{",
            b'{"model": "other", "model": "fraud"}',
            b'{"model": "fraud", "Model": "other"}',
            b'{"model": 1}',
            b'{"model": null}',
            b'{"model": ["fraud"]}',
            b'{"model": "fraud"} {}',
            b'\xef\xbb\xbf{"model": "fraud"}',
            b'{"model": "fraud\xff"}',
            b'{"model": "fraud", "x": NaN}',
            b'{"model": "fraud", "x": ' + b"[" * 100 + b"]" * 100 + b"}",
            b'{"model": "\\ud800"}',
            b'{"x": "fraud"}',
        ],
    )
    async def test_body(self, bed: Bed, body: bytes) -> None:
        assert (await refusal(bed.request("POST", CHAT, JSON, [body])))[0] in (400, 403)
        assert not bed.application.scopes

    @pytest.mark.parametrize(
        "header",
        [
            (b"x-http-method-override", b"GET"),
            (b"x-http-method", b"GET"),
            (b"x-method-override", b"GET"),
            (b"x_method_override", b"GET"),
            (b"upgrade", b"h2c"),
            (b"content-encoding", b"gzip"),
            (b"content-type", b"application/json"),
        ],
        ids=str,
    )
    async def test_header(self, bed: Bed, header: tuple[bytes, bytes]) -> None:
        refused = await refusal(bed.request("POST", CHAT, (*JSON, header), [BODY]))
        assert refused == (400, "REQUEST_MALFORMED")

    @pytest.mark.parametrize(
        "headers", [[(b"content-length", b"2"), (b"transfer-encoding", b"chunked")], [(b"content-length", b"2")] * 2]
    )
    async def test_two_lengths(self, bed: Bed, headers: Any) -> None:
        assert (await refusal(bed.request("POST", CHAT, (*JSON, *headers), [BODY])))[0] == 400

    async def test_content_type_that_is_not_json(self, bed: Bed) -> None:
        headers = (*USER, (b"content-type", b"text/plain"))
        assert (await refusal(bed.request("POST", CHAT, headers, [BODY])))[0] == 400

    async def test_body_over_the_bound(self, sidecar: FakeSidecar) -> None:
        bed = Bed(sidecar.address, body_bytes_max=len(BODY))
        assert (await bed.request("POST", CHAT, JSON, [BODY]))[0] == 200
        bed.sent.clear()
        assert await refusal(bed.request("POST", CHAT, JSON, [BODY, b" "])) == (400, "REQUEST_MALFORMED")
        await bed.client.close()

    async def test_path_that_the_server_changed(self, bed: Bed) -> None:
        refused = await refusal(bed.request("POST", "/v2/models/fraud/infer", raw_path=b"/v2/models/Fraud/infer"))
        assert refused == (400, "REQUEST_MALFORMED")

    async def test_path_that_the_server_does_not_tell(self, bed: Bed) -> None:
        assert (await refusal(bed.request("POST", "/v2/models/fraud/infer", raw_path=None)))[0] == 400


async def test_mapping_that_fails_is_403(bed: Bed, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*unused: object) -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr("modelgate.protect.Protection.http", fail)
    assert await refusal(bed.request("POST", CHAT, JSON, [BODY])) == (403, "NO_MODEL")


async def test_extraction_that_fails_is_401(sidecar: FakeSidecar) -> None:
    class Broken:
        may_block = True

        def link(self, call: Call) -> Link | None:
            raise RuntimeError("broken")

    bed = Bed(sidecar.address, principals=Principals([Broken()]))
    assert (await refusal(bed.request("POST", CHAT, JSON, [BODY])))[0] == 401


class TestList:
    """Of a list of models the caller sees those that he may discover."""

    @pytest.fixture(autouse=True)
    def _list(self, sidecar: FakeSidecar, bed: Bed) -> None:
        sidecar.allow(ANA, "organizations/acme/models/fraud", "discover")
        bed.application.answer = json.dumps(
            {"object": "list", "data": [{"id": "fraud", "x": 1}, {"id": "secret"}, {"x": 2}, {"id": ".."}]}
        ).encode()

    async def test_what_may_not_be_discovered_is_left_out(self, bed: Bed) -> None:
        bed.application.extra = [(b"etag", b"1")]
        assert await bed.request("GET", "/v1/models") == (200, {"object": "list", "data": [{"id": "fraud", "x": 1}]})
        headers = dict(bed.sent[0]["headers"])
        assert int(headers[b"content-length"]) == len(bed.sent[1]["body"])
        assert b"etag" not in headers

    async def test_encodings_and_conditions_are_not_asked_for(self, bed: Bed) -> None:
        headers = (*USER, (b"accept-encoding", b"gzip"), (b"if-none-match", b"1"), (b"range", b"bytes=0-1"))
        await bed.request("GET", "/v1/models", headers)
        assert bed.application.scopes[0]["headers"] == list(USER)

    @pytest.mark.parametrize("answer", [b"[]", b'{"data": "fraud"}', b'{"data": [1]}', b"secret", b'{"data": [{"id": 1}]}'])
    async def test_list_of_another_shape_is_refused(self, bed: Bed, answer: bytes) -> None:
        bed.application.answer = answer
        assert await refusal(bed.request("GET", "/v1/models")) == (503, "LIST_UNREADABLE")

    async def test_encoded_list_is_refused(self, bed: Bed) -> None:
        bed.application.extra = [(b"content-encoding", b"gzip")]
        assert await refusal(bed.request("GET", "/v1/models")) == (503, "LIST_UNREADABLE")

    async def test_partial_list_is_refused(self, bed: Bed) -> None:
        bed.application.status = 206
        assert await refusal(bed.request("GET", "/v1/models")) == (503, "LIST_UNREADABLE")

    async def test_list_over_the_bound_is_refused(self, sidecar: FakeSidecar) -> None:
        bed = Bed(sidecar.address, body_bytes_max=10)
        bed.application.answer = b'{"data": [{"id": "fraud"}]}'
        assert await refusal(bed.request("GET", "/v1/models")) == (503, "LIST_UNREADABLE")

    async def test_error_of_the_application_passes(self, bed: Bed) -> None:
        bed.application.status, bed.application.answer = 500, b'{"e": 1}'
        assert await bed.request("GET", "/v1/models") == (500, {"e": 1})

    async def test_sidecar_that_is_gone_is_503(self, sidecar: FakeSidecar, bed: Bed) -> None:
        sidecar.stop()
        assert (await refusal(bed.request("GET", "/v1/models")))[0] == 503

    async def test_nobody_is_401(self, bed: Bed) -> None:
        assert (await refusal(bed.request("GET", "/v1/models", ())))[0] == 401


class TestCut:
    """Hazard 39: a response ends with the access."""

    async def test_revoke_ends_an_event_stream_with_the_error(self, sidecar: FakeSidecar, bed: Bed) -> None:
        running = await self._begin(sidecar, bed, b"text/event-stream")
        sidecar.revoke(*FRAUD)
        with pytest.raises(CutError):
            await running
        last = bed.sent[-1]["body"].decode().strip().removeprefix("data: ")
        assert json.loads(last)["error"]["reason"] == "NO_GRANT"
        await bed.application.stopped.wait()

    async def test_revoke_drops_another_stream(self, sidecar: FakeSidecar, bed: Bed) -> None:
        running = await self._begin(sidecar, bed, b"application/octet-stream")
        sidecar.revoke(*FRAUD)
        with pytest.raises(CutError):
            await running
        assert bed.sent[-1]["more_body"]

    async def test_silent_sidecar_ends_a_stream(self, sidecar: FakeSidecar, bed: Bed) -> None:
        running = await self._begin(sidecar, bed, b"text/event-stream")
        sidecar.silent.set()
        with pytest.raises(CutError):
            await running
        assert b"AUTHORIZATION_UNAVAILABLE" in bed.sent[-1]["body"]

    async def test_end_of_the_watch_ends_a_stream(self, sidecar: FakeSidecar, bed: Bed) -> None:
        running = await self._begin(sidecar, bed, b"text/event-stream")
        sidecar.end_watches()
        with pytest.raises(CutError):
            await running

    async def test_end_of_the_credential_ends_a_stream(self, sidecar: FakeSidecar) -> None:
        class Short:
            may_block = False

            def link(self, call: Call) -> Link | None:
                return Link(ANA, time.time() + 0.3)

        bed = Bed(sidecar.address, principals=Principals([Short()]))
        running = await self._begin(sidecar, bed, b"text/event-stream")
        with pytest.raises(CutError):
            await running
        assert b"UNAUTHENTICATED" in bed.sent[-1]["body"]
        await bed.client.close()

    async def test_revoke_before_the_response_is_403(self, sidecar: FakeSidecar, bed: Bed) -> None:
        sidecar.allow(*FRAUD)

        async def never(scope: Any, receive: Any, send: Any) -> None:
            sidecar.revoke(*FRAUD)
            await asyncio.get_running_loop().create_future()

        bed.middleware._app = never
        assert await refusal(bed.request("POST", CHAT, JSON, [BODY])) == (403, "NO_GRANT")

    async def test_what_follows_the_response_goes_on(self, bed: Bed) -> None:
        cut = Cut(bed.client)
        cut.close()
        cut.deny(Denial.unavailable())
        cut.require_passing()

    async def test_application_that_goes_on_sends_nothing(self, sidecar: FakeSidecar, bed: Bed) -> None:
        sidecar.allow(*FRAUD)
        refused = asyncio.Event()

        async def stubborn(scope: Any, receive: Any, send: Any) -> None:
            await send({"type": "http.response.start", "status": 200, "headers": []})
            try:
                bed.application.begun.set()
                await asyncio.get_running_loop().create_future()
            except asyncio.CancelledError:
                with pytest.raises(CutError):
                    await send({"type": "http.response.body", "body": b"secret"})
                refused.set()
                raise

        bed.middleware._app = stubborn
        running = asyncio.ensure_future(bed.request("POST", CHAT, JSON, [BODY]))
        await bed.application.begun.wait()
        sidecar.revoke(*FRAUD)
        with pytest.raises(CutError):
            await running
        await refused.wait()
        assert b"secret" not in [each.get("body") for each in bed.sent]

    async def _begin(self, sidecar: FakeSidecar, bed: Bed, kind: bytes) -> asyncio.Future[Any]:
        sidecar.allow(*FRAUD)
        bed.application.hold, bed.application.kind, bed.application.answer = True, kind, b"data: {}\n\n"
        running = asyncio.ensure_future(bed.request("POST", CHAT, JSON, [BODY]))
        await bed.application.begun.wait()
        return running


class TestWebsocket:
    async def test_without_a_rule_it_is_closed(self, bed: Bed) -> None:
        assert await bed.websocket("/v2/models/fraud") == ["websocket.close"]
        assert not bed.application.scopes

    async def test_denied_it_is_closed(self, bed: Bed) -> None:
        assert await bed.websocket("/ws/fraud") == ["websocket.close"]
        assert not bed.application.scopes

    async def test_of_nobody_it_is_closed(self, sidecar: FakeSidecar, bed: Bed) -> None:
        sidecar.allow(*FRAUD)
        assert await bed.websocket("/ws/fraud", ()) == ["websocket.close"]

    async def test_revoke_closes_it(self, sidecar: FakeSidecar, bed: Bed) -> None:
        sidecar.allow(*FRAUD)
        running = asyncio.ensure_future(bed.websocket("/ws/fraud", (*USER, (b"upgrade", b"websocket"))))
        await bed.application.begun.wait()
        sidecar.revoke(*FRAUD)
        assert await running == ["websocket.accept", "websocket.close"]


async def test_other_scope_is_refused(bed: Bed) -> None:
    with pytest.raises(ValueError, match="expected"):
        await bed.middleware({"type": "other"}, bed._receiver([]), bed._send)
