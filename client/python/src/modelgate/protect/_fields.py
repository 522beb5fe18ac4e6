"""The fields on the way to the model, version and label of a message."""

from __future__ import annotations

import enum
import re
from dataclasses import dataclass, field

_DEPTH_MAX = 8
_NUMBER_MAX = (1 << 29) - 1
_STEP = re.compile(r"([1-9][0-9]{0,8})(\[\])?")


class Role(enum.Enum):
    """What a field is for."""

    MESSAGE = enum.auto()
    MODEL = enum.auto()
    VERSION = enum.auto()
    LABEL = enum.auto()


@dataclass
class Node:
    """A field on the way. Filled while the tree is made, then only read."""

    number: int
    repeated: bool
    role: Role
    unit: bool = False
    """Whether each occurrence names one model."""
    holds: Role = Role.MESSAGE
    """VERSION or LABEL for a message that is there for it alone."""
    children: dict[int, Node] = field(default_factory=dict)


Steps = list[tuple[int, bool]]


class FieldTree:
    """The paths as a tree by field numbers.

        model: 1[].1.1, version: 1[].1.2.1, label: 1[].1.4

        root -> 1[] unit -> 1 -> 1 MODEL
                              -> 2 holds VERSION -> 1 VERSION
                              -> 4 LABEL

    Invariant: exactly one node is the unit, the root or the last repeated message; each occurrence of it names one
    model, and all leaves lie below it without a further repetition.
    """

    def __init__(self, model: str, version: str | None, label: str | None, integer_version: bool) -> None:
        """Raises ValueError saying what is wrong with the paths."""
        self.root = Node(0, False, Role.MESSAGE)
        self.integer_version = integer_version
        way = _steps(model)
        depth = max((i + 1 for i, (_, repeated) in enumerate(way) if repeated), default=0)
        self._add(way, Role.MODEL)
        unit = self.root
        for number, _ in way[:depth]:
            unit = unit.children[number]
        unit.unit = True
        if version is not None:
            self._add_beside(way, _steps(version), depth, Role.VERSION)
        if label is not None:
            self._add_beside(way, _steps(label), depth, Role.LABEL)

    def _add_beside(self, model: Steps, steps: Steps, depth: int, role: Role) -> None:
        """Adds a path that goes with the model's: the same repeated messages, and no further ones."""
        if len(steps) <= depth or steps[:depth] != model[:depth] or any(repeated for _, repeated in steps[depth:]):
            raise ValueError("expected: a field in the same repeated message as model")
        parent = self._add(steps, role)
        common = 0
        while common < min(len(model), len(steps)) - 1 and model[common] == steps[common]:
            common += 1
        if len(steps) > common + 1:
            if len(parent.children) > 1:
                raise ValueError("expected: version and label in messages of their own")
            parent.holds = role

    def _add(self, steps: Steps, role: Role) -> Node:
        """Adds a leaf and what leads to it. Returns its parent."""
        parent = self.root
        for i, (number, repeated) in enumerate(steps):
            leaf = i == len(steps) - 1
            child = parent.children.get(number)
            if child is None:
                child = parent.children[number] = Node(number, repeated, role if leaf else Role.MESSAGE)
            elif leaf or child.role is not Role.MESSAGE or child.repeated != repeated:
                raise ValueError("expected: another field than those of other paths")
            if leaf:
                return parent
            parent = child
        raise AssertionError("a path without a field")


def _steps(path: str) -> Steps:
    steps = []
    for text in path.split("."):
        matched = _STEP.fullmatch(text)
        if matched is None or int(matched[1]) > _NUMBER_MAX:
            raise ValueError("expected: field numbers such as 1.2 or 1[].2")
        steps.append((int(matched[1]), matched[2] is not None))
    if len(steps) > _DEPTH_MAX or steps[-1][1]:
        raise ValueError(f"expected: at most {_DEPTH_MAX} field numbers, the last without []")
    return steps
