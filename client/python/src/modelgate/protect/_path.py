"""The path of a request as it came, and the patterns that match it (hazard 37)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from modelgate.protect.outcome import MalformedError

_TARGET_CHARS_MAX = 8_192
_SEGMENT = re.compile(r"[A-Za-z0-9._~!$&'()*+,=:@%-]*")
_QUERY = re.compile(r"[!-~]*")
_ENCODED = re.compile(rb"%(..?)?", re.DOTALL)
_HEX = re.compile(rb"[0-9A-Fa-f]{2}")

_REQUEST = re.compile(r"([A-Z]{1,16}) (/\S*)")
_LITERAL = re.compile(r"[A-Za-z0-9._~!$&'()*+,=:@-]+")
_VARIABLE = re.compile(r"\{(model|version|label)\}(:[A-Za-z0-9._~-]+)?")


@dataclass(frozen=True, slots=True)
class RawPath:
    """A path in segments, none for `/`, as they came and percent-decoded.

    Invariant: no server that follows RFC 3986 splits it otherwise. What some decode, resolve or cut before they split is
    refused: encoded slashes and backslashes, dot segments, empty segments but the last, `;`.
    """

    raw: tuple[str, ...]
    decoded: tuple[str, ...]

    @staticmethod
    def of(target: str) -> RawPath:
        """Reads a request target. Raises MalformedError when it is no path, or one that servers read differently."""
        if len(target) > _TARGET_CHARS_MAX or not target.startswith("/"):
            raise MalformedError("a target that is no path, or too long")
        path, _, query = target.partition("?")
        if not _QUERY.fullmatch(query) or "#" in query:
            raise MalformedError("a query with a character that must be encoded")
        if path == "/":
            return RawPath((), ())
        raw = tuple(path[1:].split("/"))
        if "" in raw[:-1]:
            raise MalformedError("a path with an empty segment")
        return RawPath(raw, tuple(map(_decode, raw)))


def _decode(segment: str) -> str:
    if not _SEGMENT.fullmatch(segment):
        raise MalformedError("a path with a character that must be encoded, or with `;`")
    try:
        decoded = _ENCODED.sub(_octet, segment.encode()).decode() if "%" in segment else segment
    except UnicodeDecodeError as e:
        raise MalformedError("a path that is not UTF-8") from e
    if decoded in (".", ".."):
        raise MalformedError("a path with a dot segment")
    return decoded


def _octet(encoded: re.Match[bytes]) -> bytes:
    digits = encoded[1] or b""
    if not _HEX.fullmatch(digits):
        raise MalformedError("a path with a broken percent-encoding")
    octet = int(digits, 16)
    if octet in b"/\\" or octet < 0x20 or octet == 0x7F:
        raise MalformedError("a path with an encoded slash, backslash or control character")
    return bytes([octet])


@dataclass(frozen=True, slots=True)
class _Segment:
    """A literal text, or a variable up to a suffix, which is empty when it is the whole segment."""

    variable: str
    text: str

    def matches(self, part: str) -> bool:
        if not self.variable:
            return part == self.text
        end = len(part) - len(self.text)
        return bool(part) if not self.text else end > 0 and part.endswith(self.text) and part.index(":") == end

    def shape(self) -> tuple[int, str]:
        """The more particular ones sort first; equal ones match the same."""
        return (0, self.text) if not self.variable else (1, self.text) if self.text else (2, "")


@dataclass(frozen=True, slots=True)
class HttpPattern:
    """The `request` of a rule: `POST /v1/models/{model}:predict`."""

    text: str
    method: str
    segments: tuple[_Segment, ...]

    @staticmethod
    def parse(text: str) -> HttpPattern:
        """Raises ValueError for what is none."""
        request = _REQUEST.fullmatch(text)
        if request is None:
            raise ValueError(text)
        parts = [] if request[2] == "/" else request[2][1:].split("/")
        segments = tuple(map(_segment, parts))
        variables = [each.variable for each in segments if each.variable]
        twice = len(set(variables)) != len(variables) or {"version", "label"} <= set(variables)
        if twice or (variables and "model" not in variables):
            raise ValueError(text)
        return HttpPattern(text, request[1], segments)

    @property
    def names_model(self) -> bool:
        """Whether the path does."""
        return any(each.variable for each in self.segments)

    @property
    def shape(self) -> tuple[str, tuple[tuple[int, str], ...]]:
        """What tells patterns apart that match the same requests: equal shapes do. Sorts the more particular first."""
        return self.method, tuple(each.shape() for each in self.segments)

    def matches(self, path: Sequence[str]) -> bool:
        """Whether a path of as many segments matches."""
        return all(segment.matches(part) for segment, part in zip(self.segments, path, strict=True))

    def value(self, variable: str, decoded: Sequence[str]) -> str:
        """What a variable stands for in a decoded path that matches; empty when it has none such."""
        for segment, part in zip(self.segments, decoded, strict=True):
            if segment.variable == variable:
                return part.removesuffix(segment.text)
        return ""


def _segment(part: str) -> _Segment:
    variable = _VARIABLE.fullmatch(part)
    if variable is not None:
        return _Segment(variable[1], variable[2] or "")
    if not _LITERAL.fullmatch(part) or part in (".", ".."):
        raise ValueError(part)
    return _Segment("", part)
