"""Who calls: what `principal` and `acting-through` of a protection document say."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from modelgate.protect import Protection
from modelgate.protect._yaml import YamlNode


class UnprovenError(Exception):
    """A credential that is there and does not prove anybody, or none that is there."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls, and the service accounts or apps through which he acts, nearest to him first."""

    principal: str
    acting_through: tuple[str, ...] = ()


def _no_certificates() -> Sequence[bytes]:
    return ()


@dataclass(frozen=True, slots=True)
class Call:
    """Where the credentials of a call may be."""

    headers: Mapping[str, list[str]]
    """All values by name in lower case."""
    certificates: Callable[[], Sequence[bytes]] = field(default=_no_certificates)
    """The certificate of the peer in PEM, none if it showed none that the server verified."""

    @staticmethod
    def of_grpc(
        metadata: Iterable[tuple[str, str | bytes]] | None, auth_context: Callable[[], Mapping[str, Iterable[bytes]]]
    ) -> Call:
        """From what both kinds of server tell of a call."""
        headers: dict[str, list[str]] = {}
        for name, value in metadata or ():
            if isinstance(value, str):
                headers.setdefault(name.lower(), []).append(value)
        return Call(headers, lambda: tuple(auth_context().get("x509_pem_cert", ())))

    @staticmethod
    def of_http(headers: Iterable[tuple[bytes, bytes]]) -> Call:
        """From the headers of an ASGI scope."""
        found: dict[str, list[str]] = {}
        for name, value in headers:
            found.setdefault(name.decode("latin-1").lower(), []).append(value.decode("latin-1"))
        return Call(found)


class Credential(Protocol):
    """One place where a caller may prove himself."""

    may_block: bool
    """Whether `principal` may wait for something that is fetched."""

    def principal(self, call: Call) -> str | None:
        """Whom it proves; None if the credential is not there. Raises UnprovenError if it is there and proves nobody."""


class Header:
    """A header that a hop before this server sets, after it has authenticated the caller and whatever he sent there."""

    may_block = False

    def __init__(self, name: str) -> None:
        """`name` in any case."""
        self._name = name.lower()

    def principal(self, call: Call) -> str | None:
        """The value of the header, which must stand there once."""
        values = call.headers.get(self._name)
        if values is None:
            return None
        if len(values) != 1 or not values[0]:
            raise UnprovenError(f"`{self._name}` (expected: once, and not empty)")
        return values[0]


class Principals:
    """All places where callers prove themselves.

    Of alternatives the first credential that is there counts, and a bad one refuses. Each link that is acted through
    must be proven, by an alternative of its own.
    """

    def __init__(self, principal: Sequence[Credential], acting_through: Sequence[Credential] = ()) -> None:
        self._principal = tuple(principal)
        self._acting_through = tuple(acting_through)
        self.may_block = any(each.may_block for each in (*self._principal, *self._acting_through))

    @staticmethod
    def of(protection: Protection) -> Principals:
        """What the document says. Raises ProtectionError if it says nothing, or something that is wrong."""
        fields = protection.document
        principal = protection.place.required(fields, "principal")
        chain = fields.get("acting-through")
        return Principals(
            [_credential(each) for each in principal.one_or_more()],
            [_credential(each) for each in (() if chain is None else chain.one_or_more())],
        )

    def caller(self, call: Call) -> Caller:
        """Who calls. Raises UnprovenError."""
        principal = _first(self._principal, call)
        return Caller(principal, tuple(_first((each,), call) for each in self._acting_through))


def _first(alternatives: Sequence[Credential], call: Call) -> str:
    for each in alternatives:
        principal = each.principal(call)
        if principal is not None:
            return principal
    raise UnprovenError("no credential")


_KINDS: dict[str, Callable[[YamlNode], Credential]] = {"header": lambda node: Header(node.text())}


def _credential(node: YamlNode) -> Credential:
    fields = node.fields(_KINDS)
    if len(fields) != 1:
        raise node.error(f"expected: one of {', '.join(_KINDS)}")
    ((kind, value),) = fields.items()
    return _KINDS[kind](value)


__all__ = ["Call", "Caller", "Credential", "Header", "Principals", "UnprovenError"]
