"""What HTTP requests ask for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from modelgate.protect._json import Found, JsonPath, find
from modelgate.protect._names import Asked, ResourceNames
from modelgate.protect._path import HttpPattern, RawPath
from modelgate.protect.outcome import Listing, Malformed, MalformedError, NeedsBody, Open, Outcome, Unmapped

_OVERRIDES = ("x-http-method-override", "x-http-method", "x-method-override")


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """The head of an HTTP request, as it came.

    `target` is the request target with its query, not decoded. `headers` are (name, value), one per line of the request,
    names in any case.
    """

    method: str
    target: str
    headers: tuple[tuple[str, str], ...] = ()

    def all(self, name: str) -> list[str]:
        """The values of a header, by its name in lower case."""
        return [value for each, value in self.headers if each.lower() == name]


@dataclass(frozen=True, slots=True)
class HttpRule:
    """One rule. Without an action it is open; `listing` is where its response names models."""

    pattern: HttpPattern
    action: str = ""
    body: JsonPath | None = None
    listing: str = ""


class HttpRules:
    """All rules of HTTP requests.

    Of several that match a path, the more particular one counts, segment by segment from the left: a text before a
    variable with a suffix, that before a variable alone. No two match by the same shape, so there is always one that
    counts.
    """

    def __init__(self, rules: Iterable[HttpRule], names: ResourceNames) -> None:
        self._names = names
        self._rules: dict[tuple[str, int], list[HttpRule]] = {}
        for rule in sorted(rules, key=lambda each: each.pattern.shape):
            self._rules.setdefault((rule.pattern.method, len(rule.pattern.segments)), []).append(rule)

    def read(self, request: HttpRequest, body: bytes | None) -> Outcome:
        """What a request asks for; `body` is None when it was not read."""
        try:
            _require_safe(request)
            path = RawPath.of(request.target)
            rule = self._match(request.method, path.raw)
            if rule is None:
                return Unmapped("no rule for this request")
            other = self._match(request.method, path.decoded)
            if other is not None and other is not rule:
                # A server that decodes before it routes takes it for that one.
                raise MalformedError("a path that is another request when it is decoded")
            return self._ask(rule, path, request, body)
        except MalformedError as e:
            return Malformed(str(e))

    def _match(self, method: str, path: tuple[str, ...]) -> HttpRule | None:
        return next((rule for rule in self._rules.get((method, len(path)), ()) if rule.pattern.matches(path)), None)

    def _ask(self, rule: HttpRule, path: RawPath, request: HttpRequest, body: bytes | None) -> Outcome:
        if not rule.action:
            return Open()
        if rule.listing:
            return Listing(rule.listing, rule.action)
        asked = Asked(self._names, rule.action)
        model = rule.pattern.value("model", path.decoded)
        if model:
            asked.add(model, rule.pattern.value("version", path.decoded))
        if rule.body is not None:
            _require_json(request)
            if body is None:
                return NeedsBody()
            _add(find(body, rule.body), rule.body, model, asked)
        return asked.outcome()


def _add(found: Found, path: JsonPath, of_path: str, asked: Asked) -> None:
    if not of_path:
        for text in found.texts:
            asked.add(text, "")
    elif any(text != of_path for text in found.texts):
        raise MalformedError("a path and a body that name different models")
    if found.any_missing and (not of_path or path.is_many):
        asked.add("", "")


def _require_safe(request: HttpRequest) -> None:
    """Refuses headers that servers read differently: an upgrade, another method, two lengths of the body."""
    for name, _ in request.headers:
        plain = name.lower().replace("_", "-")  # CGI and WSGI make one name of both.
        if plain in _OVERRIDES:
            raise MalformedError("a header that overrides the method")
        if plain == "upgrade":
            raise MalformedError("an upgrade to another protocol")
    lengths = request.all("content-length")
    if len(lengths) > 1 or (lengths and request.all("transfer-encoding")):
        raise MalformedError("more than one length of the body")


def _require_json(request: HttpRequest) -> None:
    """Refuses what a body that is read here may not have."""
    types = request.all("content-type")
    if len(types) != 1 or not _is_json(types[0]):
        raise MalformedError("a body that is not application/json")
    if any(coding.strip().lower() != "identity" for coding in request.all("content-encoding")):
        raise MalformedError("a body with a content encoding")


def _is_json(content_type: str) -> bool:
    kind, *parameters = (part.strip() for part in content_type.lower().split(";"))
    return kind == "application/json" and all(each in ("charset=utf-8", 'charset="utf-8"') for each in parameters)
