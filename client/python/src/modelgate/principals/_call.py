"""What a call shows of who makes it."""

from __future__ import annotations

import ipaddress
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol


class UnprovenError(Exception):
    """No credential, or one that proves nobody. The message has nothing of it."""


@dataclass(frozen=True, slots=True)
class Link:
    """A principal such as `user:ana@acme.com`, proven until then, in seconds of Unix time."""

    principal: str
    until: float = math.inf


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls, and the service accounts or apps through which he acts, nearest to him first."""

    principal: str
    acting_through: tuple[str, ...] = ()
    until: float = math.inf
    """When the first of the credentials ends, in seconds of Unix time."""


def _no_certificates() -> Sequence[bytes]:
    return ()


@dataclass(frozen=True, slots=True)
class Call:
    """Where the credentials of a call may be."""

    headers: Mapping[str, list[str]]
    """All values by name in lower case."""
    certificates: Callable[[], Sequence[bytes]] = field(default=_no_certificates)
    """The chain of the peer in PEM, its own first; none if it showed none that the server verified."""
    is_local: bool = False
    """Whether the connection is known to come over loopback or a unix socket."""

    @staticmethod
    def of_grpc(context: Any) -> Call:
        """From the context of either kind of server."""
        headers: dict[str, list[str]] = {}
        for name, value in context.invocation_metadata() or ():
            if isinstance(value, str):
                headers.setdefault(name.lower(), []).append(value)
        peer = str(context.peer())
        return Call(
            headers,
            lambda: tuple(context.auth_context().get("x509_pem_cert", ())),
            peer.startswith(("unix:", "ipv4:127.", "ipv6:%5B::1%5D", "ipv6:[::1]")),
        )

    @staticmethod
    def of_http(scope: Mapping[str, Any]) -> Call:
        """From an ASGI scope; certificates where the server has the TLS extension."""
        found: dict[str, list[str]] = {}
        headers: Iterable[tuple[bytes, bytes]] = scope.get("headers", ())
        for name, value in headers:
            found.setdefault(name.decode("latin-1").lower(), []).append(value.decode("latin-1"))
        tls = (scope.get("extensions") or {}).get("tls") or {}
        chain = () if tls.get("client_cert_error") else tuple(each.encode() for each in tls.get("client_cert_chain") or ())
        return Call(found, lambda: chain, _is_loopback(scope.get("client")))


def _is_loopback(client: Any) -> bool:
    # A port of 0 is no connection's: servers that believe `x-forwarded-for` write it beside what a client may have said.
    try:
        return bool(client) and client[1] != 0 and ipaddress.ip_address(client[0]).is_loopback
    except ValueError:
        return False


class Credential(Protocol):
    """One place where a caller may prove himself."""

    may_block: bool
    """Whether `link` may wait for something that is fetched."""

    def link(self, call: Call) -> Link | None:
        """Whom it proves; None if the credential is not there. Raises UnprovenError if it is there and proves nobody."""


def one(call: Call, header: str) -> str | None:
    """The value of a header, which may stand once."""
    values = call.headers.get(header, [])
    if len(values) > 1:
        raise UnprovenError(f"the header `{header}` stands more than once")
    return values[0] if values else None
