"""`grpc:` and `http:`, which protocol documents and protection documents have alike."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from modelgate.protect._fields import FieldTree
from modelgate.protect._json import JsonPath
from modelgate.protect._path import HttpPattern
from modelgate.protect._yaml import YamlNode, shown
from modelgate.protect.http import HttpRule

_GRPC_KEYS = ("open", "action", "model", "version", "version-type", "label")
_HTTP_KEYS = ("request", "open", "action", "body", "list")
_SERVICE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*")
_METHOD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_ACTION = re.compile(r"[a-z][a-zA-Z0-9_.-]{0,63}")
_PATH = "field numbers joined by dots, such as 1.2 or 1[].2"
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class GrpcRule:
    """The rule of one method. Without an action it is open; the others are paths of fields."""

    action: str = ""
    model: str = ""
    version: str | None = None
    label: str | None = None
    integer_version: bool = False

    def fields(self) -> FieldTree:
        """Raises ValueError saying what is wrong with the paths."""
        return FieldTree(self.model, self.version, self.label, self.integer_version)


class Rules:
    """Reads rules and puts several documents together.

    No rule stands twice in one document. Of two protocols that know the same request, both must say the same of it;
    what the protection document itself says of a request goes before both.
    """

    def __init__(self, actions: Mapping[str, str]) -> None:
        self.grpc: dict[str, GrpcRule] = {}
        self.http: dict[Any, HttpRule] = {}
        self._actions = actions

    def read(self, fields: Mapping[str, YamlNode]) -> None:
        """Reads the two keys of a document."""
        if "grpc" in fields:
            for service, methods in fields["grpc"].entries().items():
                self._service(service, methods)
        if "http" in fields:
            for rule in fields["http"].items():
                self._http(rule)

    def add(self, protocol: Rules, own: Rules, place: YamlNode) -> None:
        """Adds the rules of a protocol but for those about requests that `own` has rules for."""
        _merge(protocol.grpc, own.grpc, self.grpc, place)
        _merge(protocol.http, own.http, self.http, place)

    def replace(self, own: Rules) -> None:
        """Puts the document's own rules in place of the protocols'."""
        self.grpc |= own.grpc
        self.http |= own.http

    def _service(self, service: str, methods: YamlNode) -> None:
        if not _SERVICE.fullmatch(service):
            raise methods.error(f"`{shown(service)}` (expected: a full service name)")
        for method, rule in methods.entries().items():
            if not _METHOD.fullmatch(method):
                raise rule.error(f"`{shown(method)}` (expected: a method's name)")
            self.grpc[f"{service}/{method}"] = self._grpc(rule)

    def _grpc(self, node: YamlNode) -> GrpcRule:
        fields = node.fields(_GRPC_KEYS)
        if _is_open(node, fields, 1):
            return GrpcRule()
        integer = False
        if "version-type" in fields:
            if "version" not in fields:
                raise fields["version-type"].error("version-type: expected beside `version`")
            if fields["version-type"].text() not in ("int64", "string"):
                raise fields["version-type"].error(f"`{shown(fields['version-type'].text())}` (expected: int64 or string)")
            integer = fields["version-type"].text() == "int64"
        rule = GrpcRule(
            self._action(node.required(fields, "action")),
            node.required(fields, "model").text(),
            fields["version"].text() if "version" in fields else None,
            fields["label"].text() if "label" in fields else None,
            integer,
        )
        for key, tried in (
            ("model", GrpcRule(model=rule.model)),
            ("version", GrpcRule(model=rule.model, version=rule.version, integer_version=integer)),
            ("label", rule),
        ):
            if key in fields:
                _require(fields[key], tried)
        return rule

    def _http(self, node: YamlNode) -> None:
        fields = node.fields(_HTTP_KEYS)
        pattern = node.required(fields, "request").read(
            HttpPattern.parse, "METHOD /path with {model}, {version} or {label} as a segment or before a :suffix"
        )
        if pattern.shape in self.http:
            raise node.error(f"`{shown(pattern.text)}` matches what a rule before does")
        self.http[pattern.shape] = self._ask(node, pattern, fields)

    def _ask(self, node: YamlNode, pattern: HttpPattern, fields: dict[str, YamlNode]) -> HttpRule:
        if _is_open(node, fields, 2):
            return HttpRule(pattern)
        action = self._action(node.required(fields, "action"))
        body, listing = fields.get("body"), fields.get("list")
        if listing is not None:
            if body is not None or pattern.names_model:
                raise node.error("list: expected neither `body` nor a variable in the path")
            return HttpRule(pattern, action, listing=listing.read(_list, "keys such as data[].id"))
        if body is None:
            if not pattern.names_model:
                raise node.error("expected: {model} in the path, `body`, `list`, or `open: true`")
            return HttpRule(pattern, action)
        path = body.required(body.fields(("model",)), "model").read(
            JsonPath, "keys of the JSON body joined by dots, [] behind an array"
        )
        return HttpRule(pattern, action, path)

    def _action(self, node: YamlNode) -> str:
        action = action_name(node)
        return self._actions.get(action, action)


def action_name(node: YamlNode) -> str:
    """The name of an action."""
    action = node.text()
    if not _ACTION.fullmatch(action):
        raise node.error(f"`{shown(action)}` (expected: an action of the organization's profile)")
    return action


def _merge(source: Mapping[Any, _T], own: Mapping[Any, _T], into: dict[Any, _T], place: YamlNode) -> None:
    for key, rule in source.items():
        other = into.setdefault(key, rule)
        if key not in own and _said(other) != _said(rule):
            raise place.error(
                f"`{key if isinstance(key, str) else getattr(rule, 'pattern').text}` is something else in another of "
                "these protocols (expected: a rule of your own for it, or fewer protocols)"
            )


def _said(rule: object) -> object:
    """All of a rule; of its pattern the names of variables too."""
    return (rule.pattern.segments, rule.action, rule.body, rule.listing) if isinstance(rule, HttpRule) else rule


def _require(node: YamlNode, tried: GrpcRule) -> None:
    try:
        tried.fields()
    except ValueError as e:
        raise node.error(f"`{shown(node.text())}` ({e})") from e


def _list(text: str) -> str:
    if not JsonPath(text).is_many:
        raise ValueError(text)
    return text


def _is_open(node: YamlNode, fields: Mapping[str, YamlNode], keys: int) -> bool:
    if "open" not in fields:
        return False
    if not fields["open"].flag() or len(fields) > keys:
        raise node.error("open: expected `true`, and nothing beside it")
    return True
