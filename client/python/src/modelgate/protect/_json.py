"""The texts at one path of a JSON document (RFC 8259), read strictly, to its end (hazard 37)."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any, NoReturn

from modelgate.protect.outcome import MalformedError

DEPTH_MAX = 64
"""How deep arrays and objects may be nested."""

_STEPS_MAX = 16
_PART = re.compile(r"([A-Za-z0-9_-]{1,64})((?:\[\])*)")
# Also one without an end, or each quote in it would be looked at as the beginning of another.
_STRING = re.compile(r'"(?:[^"\\]+|\\.)*"?', re.DOTALL)
_BRACKET = re.compile(r"[\[\]{}]")
_EACH = None


class JsonPath:
    """The way to a text: keys joined by dots, each followed by `[]` for every array on it, as in `data[].id`."""

    def __init__(self, text: str) -> None:
        """Raises ValueError for what is none."""
        self.text = text
        self.steps: list[str | None] = []
        for part in text.split("."):
            matched = _PART.fullmatch(part)
            if matched is None:
                raise ValueError(part)
            self.steps += [matched[1], *[_EACH] * (len(matched[2]) // 2)]
        if len(self.steps) > _STEPS_MAX:
            raise ValueError(text)

    @property
    def is_many(self) -> bool:
        """Whether it leads through an array."""
        return _EACH in self.steps

    def __eq__(self, other: object) -> bool:
        return isinstance(other, JsonPath) and other.text == self.text

    def __hash__(self) -> int:
        return hash(self.text)


class Object(list[tuple[str, Any]]):
    """A JSON object with its keys as they came, those that stand twice too."""


class Found:
    """What stands at a path."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.any_missing = False
        """Whether an object on the way lacks the next key."""

    def walk(self, value: Any, steps: Sequence[str | None]) -> None:
        """Raises MalformedError unless the document has the shape of the path.

        On the way a key stands once, and no other in its object differs from it by case alone: some parsers keep the
        first, some the last, and some match without regard to case.
        """
        if not steps:
            self.texts.append(_text(value))
        elif steps[0] is _EACH:
            if type(value) is not list:
                raise MalformedError("a body of another shape than the path of the model")
            for element in value:
                self.walk(element, steps[1:])
        else:
            self._key(value, steps[0], steps[1:])

    def _key(self, value: Any, wanted: str, steps: Sequence[str | None]) -> None:
        if type(value) is not Object:
            raise MalformedError("a body of another shape than the path of the model")
        alike = [(key, each) for key, each in value if _is_alike(key, wanted)]
        if len(alike) > 1 or any(key != wanted for key, _ in alike):
            raise MalformedError("a body with a key of the model twice, or in another case")
        if not alike:
            self.any_missing = True
        for _, each in alike:
            self.walk(each, steps)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise MalformedError("a body whose model is no text")
    try:
        value.encode()
    except UnicodeEncodeError as e:
        raise MalformedError("a body whose model has half a surrogate pair") from e
    return value


def _is_alike(key: str, wanted: str) -> bool:
    """Equal without regard to case by any of the rules that parsers may have for it."""
    if key.isascii():
        return len(key) == len(wanted) and key.lower() == wanted.lower()
    plain = key.replace("\u0130", "i")
    return len(key) <= len(wanted) and any(fold(plain) == fold(wanted) for fold in (str.casefold, str.upper, str.lower))


def parse(body: bytes) -> Any:
    """The document, its objects as `Object` and its numbers as None.

    Raises MalformedError when parsers may disagree about it, or refuse it.
    """
    try:
        text = body.decode()
    except UnicodeDecodeError as e:
        raise MalformedError("a body that is not UTF-8") from e
    _require_shallow(text)
    try:
        return json.loads(
            text, object_pairs_hook=Object, parse_int=_number, parse_float=_number, parse_constant=_not_json
        )
    except (ValueError, RecursionError) as e:
        raise MalformedError("a body that is no JSON, or has something behind it") from e


def find(body: bytes, path: JsonPath) -> Found:
    """Reads a whole document. Raises MalformedError as `parse` does."""
    found = Found()
    found.walk(parse(body), path.steps)
    return found


def _number(text: str) -> None:
    return None


def _not_json(text: str) -> NoReturn:
    raise ValueError(text)


def _require_shallow(text: str) -> None:
    depth = 0
    for bracket in _BRACKET.findall(_STRING.sub("", text)):
        depth += 1 if bracket in "[{" else -1
        if depth > DEPTH_MAX:
            raise MalformedError(f"a body that is nested deeper than {DEPTH_MAX}")
