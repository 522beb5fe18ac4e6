"""The middleware of FastAPI, Starlette and every other ASGI application."""

from __future__ import annotations

import urllib.parse
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from modelgate import aio
from modelgate._cut import Cut, CutError
from modelgate._denial import Denial
from modelgate._guard import LOGGER, Guard, failed
from modelgate._listing import filtered
from modelgate.answer import Question
from modelgate.principals import Call, Caller, Principals
from modelgate.protect import (
    BODY_BYTES_DEFAULT,
    HttpRequest,
    Listing,
    Malformed,
    NeedsBody,
    Open,
    Outcome,
    Protection,
)

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

_POLICY_VIOLATION = 1008
_CONDITIONAL = (b"accept-encoding", b"range", b"if-none-match", b"if-modified-since", b"if-range", b"if-match")


class ModelgateMiddleware:
    """Asks the sidecar before the application sees a request, and fails closed.

    The raw path is matched (hazard 37); where the body names the model it is read, at most `body_bytes_max`, and given
    to the application unchanged. What a request was let in for is watched until its response ends: a revoke ends it
    within 100 ms, with an answer if the response has not begun, else by an event with the error where the response is an
    event stream, and by an exception, on which a server drops the connection. Lists of models are filtered to what the
    caller may use. A websocket is refused but where a rule has the method `WEBSOCKET`.

    A refusal is 400, 401, 403 or 503 with `{"error": {"code", "status", "reason", "message"}}`. The client stays the
    caller's to close.
    """

    def __init__(
        self,
        app: App,
        *,
        client: aio.ModelgateClient,
        protection: Protection,
        principals: Principals | None = None,
        body_bytes_max: int = BODY_BYTES_DEFAULT,
    ) -> None:
        """`principals` replaces what the document says of who calls. Raises ProtectionError if neither says it."""
        self._app = app
        self._client = client
        self._guard = Guard(protection, principals)
        self._body_bytes_max = body_bytes_max

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handles one request, websocket or lifespan."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
        elif scope["type"] == "http":
            await self._http(scope, receive, send)
        elif scope["type"] == "websocket":
            await self._websocket(scope, receive, send)
        else:
            raise ValueError(f"scope: `{scope['type']}` (expected: http, websocket or lifespan)")

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        asked = await self._ask(scope, scope["method"], receive)
        if isinstance(asked, Denial):
            await _refuse(send, asked, self._guard.principals.challenge)
        elif asked is not None:
            outcome, caller, passed = asked
            if isinstance(outcome, Open):
                await self._app(scope, receive, send)
            elif isinstance(outcome, Listing):
                await self._list(scope, receive, send, outcome, caller)
            else:
                await self._run(scope, passed, _Response(send, self._guard.principals.challenge), outcome, caller)

    async def _ask(
        self, scope: Scope, method: str, receive: Receive
    ) -> tuple[Outcome, Caller, Receive] | Denial | None:
        """What a request asks for, who asks, and what the application receives of it; None when the client is gone."""
        try:
            request = _request(scope, method)
            outcome = request if isinstance(request, Malformed) else self._guard.protection.http(request)
            if isinstance(outcome, Open):
                return outcome, Caller(""), receive
            caller = await self._guard.caller_on_loop(lambda: Call.of_http(scope))
            if isinstance(caller, Denial):
                return caller
            if isinstance(outcome, NeedsBody) and isinstance(request, HttpRequest):
                body = await self._body(receive)
                if body is None:
                    return None
                complete = len(body) <= self._body_bytes_max
                return self._guard.protection.http(request, body, complete=complete), caller, _replay(body, receive)
            return outcome, caller, receive
        except Exception:
            LOGGER.warning("a request could not be mapped", exc_info=True)
            return failed()

    async def _body(self, receive: Receive) -> bytes | None:
        """All of it, or a little more than is read at most; None when the client is gone."""
        body = bytearray()
        while len(body) <= self._body_bytes_max:
            message = await receive()
            if message["type"] != "http.request":
                return None
            body += message.get("body", b"")
            if not message.get("more_body", False):
                break
        return bytes(body)

    async def _run(
        self, scope: Scope, receive: Receive, response: _Response | _Socket, outcome: Outcome, caller: Caller
    ) -> None:
        """Runs the application as long as the caller may do what he asks for."""
        questions = self._guard.questions(caller, outcome)
        if isinstance(questions, Denial):
            return await response.refuse(questions)
        cut = Cut(self._client)
        cut.until = caller.until

        async def send(message: Message) -> None:
            cut.require_passing()
            await response.send(message)
            if response.has_ended:
                cut.close()  # What the application does after its response concerns nobody.

        async def work() -> None:
            await self._app(scope, receive, send)

        try:
            denial = await cut.watch(questions)
            if denial:
                return await response.refuse(denial)
            await cut.run(work())
        except CutError as e:
            await response.refuse(e.denial)
        finally:
            cut.close()

    async def _list(self, scope: Scope, receive: Receive, send: Send, listing: Listing, caller: Caller) -> None:
        """Runs the application and filters the list in its response."""
        headers = [each for each in scope["headers"] if each[0].lower() not in _CONDITIONAL]
        whole = _Whole(self._body_bytes_max)
        await self._app({**scope, "headers": headers, "extensions": {}}, receive, whole.send)
        if whole.status >= 400 and not whole.unreadable:
            return await whole.replay(send)
        if whole.status != 200 or whole.unreadable:
            return await _refuse(send, Denial.unreadable_list())
        resources = self._guard.protection.resource

        def question(name: str) -> Question | None:
            resource = resources(name)
            return resource and Question(caller.principal, resource, listing.action, caller.acting_through) or None

        body = await filtered(self._client, whole.body, listing.list, question)
        if isinstance(body, Denial):
            return await _refuse(send, body)
        whole.body[:] = body
        await whole.replay(send)

    async def _websocket(self, scope: Scope, receive: Receive, send: Send) -> None:
        socket = _Socket(receive, send)
        asked = await self._ask(scope, "WEBSOCKET", receive)
        if isinstance(asked, tuple) and isinstance(asked[0], Open):
            await self._app(scope, receive, send)
        elif isinstance(asked, tuple):
            await self._run(scope, socket.receive, socket, asked[0], asked[1])
        elif asked is not None:
            await socket.refuse(asked)


class _Response:
    """The response as far as it was sent."""

    def __init__(self, send: Send, challenge: str) -> None:
        self._send = send
        self._challenge = challenge
        self._begun = False
        self.has_ended = False
        self._is_event_stream = False

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._begun = True
            kind = dict(message.get("headers", ())).get(b"content-type", b"")
            self._is_event_stream = kind.lower().startswith(b"text/event-stream")
        elif message["type"] == "http.response.body":
            self.has_ended = not message.get("more_body", False)
        await self._send(message)

    async def refuse(self, denial: Denial) -> None:
        """Ends it; raises CutError where it has begun, for there is no other way to say that it is not whole."""
        if not self._begun:
            return await _refuse(self._send, denial, self._challenge)
        if self.has_ended:
            return None
        if self._is_event_stream:
            event = b"\n\ndata: " + denial.body() + b"\n\n"
            await self._send({"type": "http.response.body", "body": event, "more_body": True})
        raise CutError(denial)


class _Socket:
    """A websocket as far as it was opened."""

    def __init__(self, receive: Receive, send: Send) -> None:
        self._receive = receive
        self._send = send
        self._connected = False
        self.has_ended = False

    async def receive(self) -> Message:
        self._connected = True
        return await self._receive()

    async def send(self, message: Message) -> None:
        self.has_ended |= message["type"] == "websocket.close"
        await self._send(message)

    async def refuse(self, denial: Denial) -> None:
        """Closes it; before it is accepted the server answers 403."""
        if not self._connected:
            await self.receive()
        if not self.has_ended:
            await self._send({"type": "websocket.close", "code": _POLICY_VIOLATION, "reason": denial.reason})


class _Whole:
    """A response that is held until it is whole."""

    def __init__(self, bytes_max: int) -> None:
        self._bytes_max = bytes_max
        self._headers: list[tuple[bytes, bytes]] = []
        self.status = 0
        self.body = bytearray()
        self.unreadable = True

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self._headers = [(name.lower(), value) for name, value in message.get("headers", ())]
            found = dict(self._headers)
            encoded = found.get(b"content-encoding", b"identity").strip().lower() != b"identity"
            is_json = found.get(b"content-type", b"").split(b";")[0].strip().lower() == b"application/json"
            self.unreadable = encoded or (not is_json and self.status < 400)
        elif message["type"] == "http.response.body":
            self.body += message.get("body", b"")
            if len(self.body) > self._bytes_max:
                self.unreadable = True
                self.body.clear()
        else:
            self.unreadable = True

    async def replay(self, send: Send) -> None:
        dropped = (b"content-length", b"etag", b"content-md5", b"digest", b"content-digest", b"repr-digest")
        headers = [each for each in self._headers if each[0] not in dropped]
        headers.append((b"content-length", str(len(self.body)).encode()))
        await send({"type": "http.response.start", "status": self.status, "headers": headers})
        await send({"type": "http.response.body", "body": bytes(self.body)})


def _request(scope: Scope, method: str) -> HttpRequest | Malformed:
    """The head of a request, as it came."""
    raw: bytes | None = scope.get("raw_path")
    if raw is None or b"?" in raw or not raw.isascii():
        return Malformed("a path that the server does not tell as it came")
    target = raw.decode("ascii")
    try:
        decoded = urllib.parse.unquote(target, errors="strict")
    except UnicodeDecodeError:
        return Malformed("a path that is not UTF-8")
    if decoded != scope["path"]:
        # The application would route by another path than the one that is matched.
        return Malformed("a path that the server has changed")
    query = scope.get("query_string", b"").decode("latin-1")
    of_handshake = ("upgrade",) if method == "WEBSOCKET" else ()
    headers = ((name.decode("latin-1"), value.decode("latin-1")) for name, value in scope.get("headers", ()))
    kept = tuple(each for each in headers if each[0].lower() not in of_handshake)
    return HttpRequest(method, f"{target}?{query}" if query else target, kept)


def _replay(body: bytes, receive: Receive) -> Receive:
    """Receives the body that was read, and then what comes after it."""
    first: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def replayed() -> Message:
        return first.pop() if first else await receive()

    return replayed


async def _refuse(send: Send, denial: Denial, challenge: str = "") -> None:
    body = denial.body()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    if denial.http_status == 401:
        headers.append((b"www-authenticate", challenge.encode()))
    await send({"type": "http.response.start", "status": denial.http_status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


__all__ = ["ModelgateMiddleware"]
