"""A place in a YAML file that an operator wrote; everything of another shape is an error with file and line."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import TypeVar

import yaml

from modelgate.protect.outcome import ProtectionError

_ECHO_CHARS_MAX = 120
_T = TypeVar("_T")


class YamlNode:
    """Keys are known or refused, and stand once. There are no anchors and no tags with a meaning: a scalar is its text."""

    def __init__(self, file: str, node: yaml.Node) -> None:
        self._file = file
        self._node = node

    @staticmethod
    def parse(file: str, text: str) -> YamlNode:
        """Reads a text as if it stood in that file. Raises ProtectionError when it is empty or no YAML."""
        try:
            for event in yaml.parse(text, yaml.SafeLoader):
                if isinstance(event, yaml.AliasEvent):
                    line = event.start_mark.line + 1 if event.start_mark else 1
                    raise ProtectionError(f"{file}, line {line}: expected: no aliases")
            node = yaml.compose(text, yaml.SafeLoader)
        except yaml.MarkedYAMLError as e:
            line = e.problem_mark.line + 1 if e.problem_mark else 1
            raise ProtectionError(f"{file}, line {line}: {_one_line(str(e.problem))}") from e
        except (yaml.YAMLError, RecursionError) as e:
            raise ProtectionError(f"{file}, line 1: is no YAML") from e
        if node is None:
            raise ProtectionError(f"{file}, line 1: is empty")
        return YamlNode(file, node)

    def fields(self, allowed: Iterable[str]) -> dict[str, YamlNode]:
        """The fields of a mapping, in their order; `allowed` are the keys that there can be."""
        allowed = frozenset(allowed)
        return self._entries(allowed)

    def entries(self) -> dict[str, YamlNode]:
        """The fields of a mapping whose keys are the operator's, in their order."""
        return self._entries(None)

    def _entries(self, allowed: frozenset[str] | None) -> dict[str, YamlNode]:
        if not isinstance(self._node, yaml.MappingNode):
            raise self.error("expected: a mapping")
        found: dict[str, YamlNode] = {}
        for key_node, value in self._node.value:
            key = YamlNode(self._file, key_node)
            name = key.text()
            if name in found:
                raise key.error(f"`{shown(name)}` stands twice")
            if allowed is not None and name not in allowed:
                raise key.error(f"unknown key `{shown(name)}` (expected: one of {', '.join(sorted(allowed))})")
            found[name] = YamlNode(self._file, value)
        return found

    def required(self, fields: dict[str, YamlNode], key: str) -> YamlNode:
        """One of the fields of this mapping, which must be there."""
        if key not in fields:
            raise self.error(f"`{key}` is missing")
        return fields[key]

    def items(self) -> list[YamlNode]:
        """The items of a list."""
        if not isinstance(self._node, yaml.SequenceNode):
            raise self.error("expected: a list")
        return [YamlNode(self._file, item) for item in self._node.value]

    def one_or_more(self) -> list[YamlNode]:
        """The items of a list, or the one that stands in its place."""
        return self.items() if isinstance(self._node, yaml.SequenceNode) else [self]

    @property
    def is_text(self) -> bool:
        """Whether it is a scalar."""
        return isinstance(self._node, yaml.ScalarNode)

    def text(self) -> str:
        """A text that is not blank."""
        if not isinstance(self._node, yaml.ScalarNode) or not str(self._node.value).strip():
            raise self.error("expected: a text")
        return str(self._node.value)

    def read(self, reader: Callable[[str], _T], expected: str) -> _T:
        """A text that a reader understands; it raises ValueError for what it does not."""
        try:
            return reader(self.text())
        except ValueError as e:
            raise self.error(f"`{shown(self.text())}` (expected: {expected})") from e

    def number(self, least: int, most: int) -> int:
        """A whole number within bounds, both inclusive."""
        value = self.read(int, f"{least}..{most}")
        if not least <= value <= most:
            raise self.error(f"`{value}` (expected: {least}..{most})")
        return value

    def flag(self) -> bool:
        """`true` or `false`."""
        text = self.text()
        if text not in ("true", "false"):
            raise self.error(f"`{shown(text)}` (expected: true or false)")
        return text == "true"

    def error(self, problem: str) -> ProtectionError:
        """An error of this place."""
        return ProtectionError(f"{self._file}, line {self._node.start_mark.line + 1}: {problem}")


def shown(value: str) -> str:
    """A value in an error: one line, not too long."""
    cut = value if len(value) <= _ECHO_CHARS_MAX else value[:_ECHO_CHARS_MAX] + "..."
    return _one_line(cut).replace("`", "?")


def _one_line(text: str) -> str:
    return re.sub(r"[\x00-\x1f\x7f]+", " ", text)
