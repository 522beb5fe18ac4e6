"""Model and version of a protobuf message: from its bytes, or from the parsed object that the handler gets."""

from __future__ import annotations

from typing import Any

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from modelgate.protect._fields import FieldTree, Node, Role
from modelgate.protect._names import SEGMENT_BYTES_MAX, Asked
from modelgate.protect.outcome import MalformedError

_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
_LONG_MAX = (1 << 63) - 1
_INT_MAX = (1 << 31) - 1
_INTEGERS = (
    FieldDescriptor.TYPE_INT32,
    FieldDescriptor.TYPE_INT64,
    FieldDescriptor.TYPE_UINT32,
    FieldDescriptor.TYPE_UINT64,
)


class _Unit:
    """What one occurrence of the message that names a model says."""

    def __init__(self) -> None:
        self.model = ""
        self.version = ""
        self.version_seen = False
        self.label_seen = False

    def saw(self, node: Node) -> None:
        self.version_seen |= Role.VERSION in (node.role, node.holds)
        self.label_seen |= Role.LABEL in (node.role, node.holds)

    def end(self, asked: Asked) -> None:
        if self.version_seen and self.label_seen:
            raise MalformedError("a version and a label")  # Of a oneof the last counts.
        asked.add(self.model, self.version)


def scan(message: bytes, tree: FieldTree, asked: Asked) -> None:
    """Reads the bytes of a message to their end, without its schema (hazard 36).

    Invariant: what it tells is what every protobuf parser reads from the same bytes, or it raises MalformedError.
    Parsers keep the last of several occurrences and merge messages; so a second occurrence of anything on the way is
    refused, and what is walked is walked to its end.
    """
    _Scanner(message, tree.integer_version, asked).message(tree.root, len(message), _Unit())


class _Scanner:
    def __init__(self, message: bytes, integer_version: bool, asked: Asked) -> None:
        self._in = message
        self._at = 0
        self._integer_version = integer_version
        self._asked = asked

    def message(self, node: Node, end: int, unit: _Unit) -> None:
        unit = _Unit() if node.unit else unit
        seen: set[int] = set()
        while self._at < end:
            tag = self._tag()
            child = node.children.get(tag >> 3)
            if child is None:
                self._skip(tag & 7, end)
            else:
                if not child.repeated and child.number in seen:
                    raise MalformedError("a field that names the model, or is around it, stands twice")
                seen.add(child.number)
                self._field(child, tag & 7, end, unit)
            if self._at > end:
                raise MalformedError("a field that is longer than its message")
        if node.unit:
            unit.end(self._asked)

    def _field(self, node: Node, wire_type: int, end: int, unit: _Unit) -> None:
        integer = node.role is Role.VERSION and self._integer_version
        if wire_type != (_VARINT if integer else _BYTES):
            raise MalformedError("a field that names the model, or is around it, of another type")
        unit.saw(node)
        if node.role is Role.MESSAGE:
            inner = self._length(end) + self._at
            if node.holds is Role.VERSION and self._integer_version:
                unit.version = "0"  # What the field in it is when it is left out.
            self.message(node, inner, unit)
        elif node.role is Role.MODEL:
            unit.model = self._text(end)
        elif node.role is Role.VERSION:
            unit.version = self._number(unit.version) if integer else self._text(end)
        else:
            self._text(end)

    def _number(self, before: str) -> str:
        value = self._varint(10, (1 << 64) - 1, "an overlong number")
        if value > _LONG_MAX or (value == 0 and not before):
            # Written out where 0 is the same as nothing, it is one or the other.
            raise MalformedError("a version below 0, or of 0 that may stand for none")
        return str(value)

    def _text(self, end: int) -> str:
        length = self._length(end)
        if length > SEGMENT_BYTES_MAX:
            raise MalformedError(f"a name of more than {SEGMENT_BYTES_MAX} bytes")
        text = self._in[self._at : self._at + length]
        self._at += length
        try:
            return text.decode()
        except UnicodeDecodeError as e:
            raise MalformedError("a name that is not UTF-8") from e

    def _skip(self, wire_type: int, end: int) -> None:
        if wire_type == _VARINT:
            self._varint(10, (1 << 64) - 1, "an overlong number")
        elif wire_type == _FIXED64:
            self._at += 8
        elif wire_type == _BYTES:
            length = self._length(end)
            self._at += length
        elif wire_type == _FIXED32:
            self._at += 4
        else:
            raise MalformedError("a group, or a field of no known type")

    def _tag(self) -> int:
        begin = self._at
        tag = self._varint(5, (1 << 32) - 1, "an overlong tag")
        # The last of several bytes has bits, or a parser that reads fewer bytes reads another tag.
        if self._at - begin > 1 and self._in[self._at - 1] == 0:
            raise MalformedError("an overlong tag")
        if tag >> 3 == 0:
            raise MalformedError("a field without a number")
        return tag

    def _length(self, end: int) -> int:
        length = self._varint(5, _INT_MAX, "an overlong length")
        if length > end - self._at:
            raise MalformedError("a field that is longer than its message")
        return length

    def _varint(self, octets_max: int, value_max: int, overlong: str) -> int:
        value = 0
        for i in range(octets_max):
            if self._at >= len(self._in):
                raise MalformedError("a message that is cut off")
            octet = self._in[self._at]
            self._at += 1
            value |= (octet & 0x7F) << (7 * i)
            if octet < 0x80:
                if value > value_max:
                    break
                return value
        raise MalformedError(overlong)


def read(message: Message, tree: FieldTree, asked: Asked) -> None:
    """Reads the parsed message that the handler gets, by the same paths as `scan`.

    Raises MalformedError when it names both a version and a label, and TypeError when it has no such fields.
    """
    _read(message, tree.root, tree.integer_version, asked, _Unit())


def _read(message: Message, node: Node, integer_version: bool, asked: Asked, unit: _Unit) -> None:
    unit = _Unit() if node.unit else unit
    for child in node.children.values():
        field: Any = message.DESCRIPTOR.fields_by_number.get(child.number)
        integer = child.role is Role.VERSION and integer_version
        if field is None or not _fits(field, child, integer):
            raise TypeError(
                f"field {child.number} of `{message.DESCRIPTOR.full_name}` is not what the rule of the method says"
            )
        value: Any = getattr(message, field.name)
        if child.role is not Role.MESSAGE:
            _leaf(value, message.HasField(field.name) if field.has_presence else bool(value), child, unit)
        elif child.repeated:
            for element in value:
                _read(element, child, integer_version, asked, unit)
        elif message.HasField(field.name):
            unit.saw(child)
            _read(value, child, integer_version, asked, unit)
            if child.holds is Role.VERSION and integer_version and not unit.version:
                unit.version = "0"
    if node.unit:
        unit.end(asked)


def _leaf(value: str | int, present: bool, node: Node, unit: _Unit) -> None:
    if not present:
        return
    unit.saw(node)
    if node.role is Role.MODEL:
        unit.model = str(value)
    elif node.role is Role.VERSION:
        if isinstance(value, int) and not 0 <= value <= _LONG_MAX:
            raise MalformedError("a version below 0, or of 0 that may stand for none")
        unit.version = str(value)


def _fits(field: Any, node: Node, integer: bool) -> bool:
    if _is_repeated(field) != node.repeated:
        return False
    if node.role is Role.MESSAGE:
        return bool(field.type == FieldDescriptor.TYPE_MESSAGE)
    return bool(field.type in _INTEGERS if integer else field.type == FieldDescriptor.TYPE_STRING)


def _is_repeated(field: Any) -> bool:
    # Older runtimes have only `label`, and newer ones warn of it, or lack it.
    repeated = getattr(field, "is_repeated", None)
    return bool(field.label == 3 if repeated is None else repeated)
