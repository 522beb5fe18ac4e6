"""From the names in requests to the names of resources."""

from __future__ import annotations

import unicodedata

from modelgate.protect.outcome import TARGETS_MAX, MalformedError, Outcome, Target, Targets, Unmapped

SEGMENT_BYTES_MAX = 256
"""The longest name of a model or version, in bytes as a resource has it."""

_PLAIN = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~!$&'()*+,;=:@")
_DIGITS = frozenset("0123456789")
_DIGITS_MAX = 19


class ResourceNames:
    """Maps the names of models and versions in requests to names of resources.

    The mapping is injective (hazard 14): a name becomes one RFC 3986 segment in the one form that the sidecar takes, so
    `meta-llama/Llama-3-8B` is `meta-llama%2FLlama-3-8B`. A version that a server may read as the same number as another
    is refused. `mode` is check, ignore or numeric.
    """

    def __init__(self, parent: str, mode: str) -> None:
        self._models = f"{parent}/models/"
        self._mode = mode

    def resource(self, model: str, version: str) -> str:
        """The resource behind a model and, unless it is empty, a version of it.

        Raises MalformedError when no resource can have the name, or the version can be misread.
        """
        resource = self._models + _segment(model)
        if not version or self._mode == "ignore":
            return resource
        self._require_plain(version)
        return f"{resource}/versions/{_segment(version)}"

    def _require_plain(self, version: str) -> None:
        """Servers read `03`, `+3` and ` 3` as 3."""
        padded = len(version) > 1 and version[0] == "0" and version[1] in _DIGITS
        if version[0] in "+-" or padded or any(map(_is_blank, version)):
            raise MalformedError("a version with white space, a sign or leading zeros")
        if self._mode == "numeric" and (len(version) > _DIGITS_MAX or not _DIGITS.issuperset(version)):
            raise MalformedError("a version that is no number")


def _is_blank(character: str) -> bool:
    return character.isspace() or unicodedata.category(character) in ("Zs", "Zl", "Zp", "Cc")


def _segment(name: str) -> str:
    try:
        octets = name.encode()
    except UnicodeEncodeError as e:
        raise MalformedError("a name with half a surrogate pair") from e
    segment = "".join(chr(octet) if octet in _PLAIN else f"%{octet:02X}" for octet in octets)
    if any(unicodedata.category(character) == "Cc" for character in name):
        raise MalformedError("a name with a control character")
    if len(segment) > SEGMENT_BYTES_MAX or segment in (".", ".."):
        raise MalformedError(f"a name of more than {SEGMENT_BYTES_MAX} encoded bytes, or of dots alone")
    return segment


class Asked:
    """Gathers what one request asks for."""

    def __init__(self, names: ResourceNames, action: str) -> None:
        self._names = names
        self._action = action
        self._targets: dict[Target, None] = {}
        self._unnamed = False

    def add(self, model: str, version: str) -> None:
        """A place of the request that should name a model; either is empty when it names none."""
        if not model:
            self._unnamed = True
            return
        self._targets[Target(self._names.resource(model, version), self._action)] = None
        if len(self._targets) > TARGETS_MAX:
            raise MalformedError(f"more than {TARGETS_MAX} models")

    def outcome(self) -> Outcome:
        """Unmapped when any place named no model, or there was none."""
        if self._unnamed or not self._targets:
            return Unmapped("the request names no model")
        return Targets(tuple(self._targets))
