"""The protection document, ready for use."""

from __future__ import annotations

import importlib.resources
import os
import re
from pathlib import Path

from google.protobuf.message import Message

from modelgate.protect._messages import read, scan
from modelgate.protect._names import Asked, ResourceNames
from modelgate.protect._rules import GrpcRule, Rules, action_name
from modelgate.protect._yaml import YamlNode, shown
from modelgate.protect.http import HttpRequest, HttpRules
from modelgate.protect.outcome import (
    Malformed,
    MalformedError,
    NeedsBody,
    Open,
    Outcome,
    ProtectionError,
    Unmapped,
)

DOCUMENT_BYTES_MAX = 1 << 20
"""The largest document."""

BODY_BYTES_DEFAULT = 1 << 20
"""How much of an HTTP body is read unless told otherwise."""

_KEYS = ("parent", "protocols", "versions", "actions", "principal", "acting-through", "grpc", "http")
_PROTOCOLS = ("kserve-v1", "open-inference", "openai", "tensorflow-serving")
_ACTIONS = {"get": "get_use", "load": "update"}
_HEALTH = "grpc.health.v1.Health/"
_PARENT = re.compile(r"organizations/[^/\s]{1,256}(/[a-z][a-zA-Z]{0,62}/[^/\s]{1,256}){0,5}")


class MethodRule:
    """What the messages of one gRPC method ask for. Immutable."""

    def __init__(self, rule: GrpcRule, names: ResourceNames) -> None:
        self._names = names
        self._action = rule.action
        self._fields = rule.fields() if rule.action else None

    @property
    def is_open(self) -> bool:
        """Whether its calls pass unasked, whatever their messages are."""
        return self._fields is None

    def read(self, message: object) -> Outcome:
        """What a message asks for: the very object that the handler gets, or its bytes where it gets those.

        Each message of a stream is read by itself: one without a model is unmapped, as is one of another kind.
        """
        if self._fields is None:
            return Open()
        asked = Asked(self._names, self._action)
        try:
            if isinstance(message, Message):
                read(message, self._fields, asked)
            elif isinstance(message, bytes):
                scan(message, self._fields, asked)
            else:
                return Unmapped("a message that is neither of protobuf nor bytes")
            return asked.outcome()
        except MalformedError as e:
            return Malformed(str(e))
        except TypeError as e:
            return Unmapped(str(e))


class Protection:
    """What each request to a prediction server asks for; docs/protect.md describes the document.

    What no rule matches is `Unmapped`, but for the standard gRPC health service, which is open. Immutable, and free of
    input and output once it is read.
    """

    def __init__(self, document: YamlNode) -> None:
        fields = document.fields(_KEYS)
        self.document = fields
        """What the document says, by key."""
        self.place = document
        self.parent: str = document.required(fields, "parent").read(_parent, "a full name such as organizations/acme")
        """What every resource lies in, such as `organizations/acme`."""
        mode = fields["versions"].read(_mode, "check, ignore or numeric") if "versions" in fields else "check"
        self._names = ResourceNames(self.parent, mode)
        rules = _rules(document, fields)
        self._grpc = {method: MethodRule(rule, self._names) for method, rule in rules.grpc.items()}
        self._http = HttpRules(rules.http.values(), self._names)
        self._open = MethodRule(GrpcRule(), self._names)

    @staticmethod
    def read(file: str | os.PathLike[str]) -> Protection:
        """Reads a document from a file of at most 1 MiB of UTF-8.

        Raises ProtectionError when it cannot be read, or is wrong: one line with the place, the value and what was
        expected.
        """
        name = os.fspath(file)
        try:
            with Path(file).open("rb") as stream:
                octets = stream.read(DOCUMENT_BYTES_MAX + 1)
            if len(octets) > DOCUMENT_BYTES_MAX:
                raise ProtectionError(f"{name}: is larger than {DOCUMENT_BYTES_MAX} bytes")
            return Protection.parse(octets.decode(), name)
        except UnicodeDecodeError as e:
            raise ProtectionError(f"{name}: is not UTF-8") from e
        except OSError as e:
            raise ProtectionError(f"{name}: cannot be read") from e

    @staticmethod
    def parse(text: str, file: str = "protect.yaml") -> Protection:
        """Reads a document. `file` is what errors begin with. Raises ProtectionError."""
        return Protection(YamlNode.parse(file, text))

    def method(self, full_method: str) -> MethodRule | None:
        """The rule of a gRPC method, such as `inference.GRPCInferenceService/ModelInfer`; None when it is to be denied."""
        rule = self._grpc.get(full_method)
        return self._open if rule is None and full_method.startswith(_HEALTH) else rule

    def http(self, request: HttpRequest, body: bytes | None = None, *, complete: bool = True) -> Outcome:
        """What an HTTP request asks for; without a body it may be that the body is needed.

        `complete` is whether the body is all of it; a rule that reads a body refuses a part of one.
        """
        by_head = self._http.read(request, None)
        if not isinstance(by_head, NeedsBody) or body is None:
            return by_head
        return self._http.read(request, body) if complete else Malformed("a body of which only a part was read")

    def resource(self, model: str) -> str | None:
        """The resource of a model by the name that requests have for it; None when it can be none."""
        try:
            return self._names.resource(model, "") if model else None
        except MalformedError:
            return None


def _rules(document: YamlNode, fields: dict[str, YamlNode]) -> Rules:
    actions = dict(_ACTIONS)
    if "actions" in fields:
        actions |= {name: action_name(action) for name, action in fields["actions"].entries().items()}
    own, every = Rules(actions), Rules(actions)
    own.read(fields)
    seen: set[str] = set()
    for protocol in fields["protocols"].one_or_more() if "protocols" in fields else ():
        name = protocol.text()
        if name in seen:
            raise protocol.error(f"`{shown(name)}` stands twice")
        if name not in _PROTOCOLS:
            raise protocol.error(f"`{shown(name)}` (expected: one of {', '.join(_PROTOCOLS)})")
        seen.add(name)
        rules = Rules(actions)
        text = importlib.resources.files("modelgate.protocols").joinpath(f"{name}.yaml").read_text("utf-8")
        rules.read(YamlNode.parse(f"{name}.yaml", text).fields(("protocol", "grpc", "http")))
        every.add(rules, own, protocol)
    every.replace(own)
    if not every.grpc and not every.http:
        raise document.error("expected: `protocols`, `grpc` or `http`, or every request is denied")
    return every


def _parent(text: str) -> str:
    if not _PARENT.fullmatch(text):
        raise ValueError(text)
    return text


def _mode(text: str) -> str:
    if text not in ("check", "ignore", "numeric"):
        raise ValueError(text)
    return text
