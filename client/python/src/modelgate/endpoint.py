"""Where a sidecar listens, and whether it may be trusted to be one."""

from __future__ import annotations

import ipaddress
import os
import socket as sockets
import stat
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from urllib.parse import quote

import grpc

from modelgate.answer import CheckError

_USUAL_SOCKET = Path("modelgate-data/modelgate.sock")
_USUAL_ADDRESS = "127.0.0.1:7070"
_MESSAGE_BYTES_MAX = 5 << 20
"""The largest answer: that of a batch has at most 4 MiB."""
_REDIAL_MS = 1_000
_PROBE_TIMEOUT_S = 0.05
_OTHERS_WRITE = stat.S_IWOTH
_ANY_WRITE = stat.S_IWGRP | stat.S_IWOTH


@dataclass(frozen=True, slots=True)
class Tls:
    """Whom a connection trusts, and as whom it shows itself. The files are PEM and are read when the client is made."""

    authorities: str | os.PathLike[str] | None = None
    """Who may vouch for the sidecar; None: the authorities that gRPC trusts."""
    certificate: str | os.PathLike[str] | None = None
    """The client's own certificate with its chain; needs `key`."""
    key: str | os.PathLike[str] | None = None
    """Its private key, without a passphrase."""
    server_name: str | None = None
    """The name that the sidecar's certificate must have; None: the host that is dialed."""

    def credentials(self) -> grpc.ChannelCredentials:
        """Reads the files. Raises OSError if one cannot be read and ValueError if only one of certificate and key is."""
        if (self.certificate is None) != (self.key is None):
            raise ValueError("tls: certificate and key (expected: both or neither)")
        return grpc.ssl_channel_credentials(_bytes(self.authorities), _bytes(self.key), _bytes(self.certificate))


def _bytes(path: str | os.PathLike[str] | None) -> bytes | None:
    return None if path is None else Path(path).read_bytes()


class Endpoint(Protocol):
    """Where to dial. `verify` is called before each RPC and raises CheckError if an impostor could be there."""

    @property
    def target(self) -> str: ...

    @property
    def credentials(self) -> grpc.ChannelCredentials | None: ...

    @property
    def options(self) -> Sequence[tuple[str, str | int]]: ...

    def verify(self) -> None: ...


def _options(*more: tuple[str, str | int]) -> tuple[tuple[str, str | int], ...]:
    # A sidecar that is back is found within a second; retries are decided by the caller; a proxy of the environment is
    # not where the sidecar is.
    return (
        ("grpc.enable_retries", 0),
        ("grpc.enable_http_proxy", 0),
        ("grpc.use_local_subchannel_pool", 1),
        ("grpc.initial_reconnect_backoff_ms", _REDIAL_MS),
        ("grpc.min_reconnect_backoff_ms", _REDIAL_MS),
        ("grpc.max_reconnect_backoff_ms", _REDIAL_MS),
        ("grpc.max_receive_message_length", _MESSAGE_BYTES_MAX),
        *more,
    )


class Tcp:
    """TCP, with TLS or else to loopback alone."""

    def __init__(self, address: str, tls: Tls | None) -> None:
        """`address` is `host:port`, an IPv6 address in brackets. Raises ValueError if it is not, or needs TLS."""
        host, _, port = address.rpartition(":")
        if not host or not port.isascii() or not port.isdigit() or not 1 <= int(port) <= 65_535:
            raise ValueError(f"address: `{address}` (expected: host:port)")
        if tls is None and not _is_loopback(host.strip("[]")):
            raise ValueError(f"address: `{address}` (expected: loopback, for the connection has no TLS)")
        self.target = f"dns:///{host}:{port}"
        self.credentials = None if tls is None else tls.credentials()
        name = None if tls is None else tls.server_name
        self.options = _options(*([] if name is None else [("grpc.ssl_target_name_override", name)]))

    def verify(self) -> None:
        """Nothing: TLS, or loopback, is what there is."""


def _is_loopback(host: str) -> bool:
    try:
        found = sockets.getaddrinfo(host, None)
    except OSError as e:
        raise ValueError(f"address: `{host}` (expected: a known host)") from e
    return all(ipaddress.ip_address(str(each[4][0]).partition("%")[0]).is_loopback for each in found)


class UnixSocket:
    """A unix socket, whose directory and owner are verified before each RPC (hazard 40).

    The directory must not be writable by everybody; it, the socket and the process behind it must have one owner; and
    that is this process's user, root, one that is named here, or one to whom root gave the directory, all those above
    it being root's or this user's and writable by nobody else. Whom the kernel names at the other end is asked again
    whenever the socket is another file.
    """

    credentials = None

    def __init__(self, path: str | os.PathLike[str], owner: int | None = None) -> None:
        self.path = Path(os.path.abspath(path))
        self.target = f"unix:{quote(str(self.path))}"
        self.options = _options(("grpc.default_authority", "localhost"))
        self._trusted = {0, os.getuid()} | ({owner} if owner is not None else set())
        self._verified: tuple[int, int, int] | None = None

    def verify(self) -> None:
        """Raises CheckError of UNAVAILABLE. Costs two system calls, and a connection when the socket is a new one."""
        try:
            owner = self._owner()
            found = os.stat(self.path)
            seen = (found.st_dev, found.st_ino, found.st_ctime_ns)
            if self._verified != seen:
                self._require_peer(owner)
                self._verified = seen
        except OSError as e:
            raise CheckError(grpc.StatusCode.UNAVAILABLE, f"`{self.path}`: {e}") from e

    def _owner(self) -> int:
        directory = Path(os.path.realpath(self.path.parent))
        of_directory, of_socket = os.stat(directory), os.lstat(self.path)
        if not stat.S_ISSOCK(of_socket.st_mode):
            raise OSError("is no socket")
        if of_directory.st_mode & _OTHERS_WRITE:
            raise OSError("everybody may write to its directory")
        if of_directory.st_uid != of_socket.st_uid:
            raise OSError(f"owned by uid {of_socket.st_uid}, its directory by {of_directory.st_uid}")
        if of_socket.st_uid not in self._trusted and not self._is_given(directory):
            raise OSError(
                f"its owner, uid {of_socket.st_uid}, is neither this user nor root, and others could have made its "
                "directory; name the owner if it is the sidecar's user"
            )
        return of_socket.st_uid

    def _is_given(self, directory: Path) -> bool:
        above = [os.stat(each) for each in directory.parents]
        return all(each.st_uid in self._trusted and not each.st_mode & _ANY_WRITE for each in above)

    def _require_peer(self, owner: int) -> None:
        if not hasattr(sockets, "SO_PEERCRED"):
            return  # Not Linux: the directory's owner has to do.
        with sockets.socket(sockets.AF_UNIX, sockets.SOCK_STREAM) as probe:
            probe.settimeout(_PROBE_TIMEOUT_S)
            probe.connect(str(self.path))
            _, uid, _ = struct.unpack("3i", probe.getsockopt(sockets.SOL_SOCKET, sockets.SO_PEERCRED, 12))
        if uid != owner:
            raise OSError(f"the server runs as uid {uid}, the owner is {owner}")


def endpoint(
    address: str | None, socket: str | os.PathLike[str] | None, socket_owner: int | None, tls: Tls | None
) -> Endpoint:
    """The one that is named, or the usual one: the socket below `modelgate-data` if it is there, else 127.0.0.1:7070.

    Raises ValueError if there is a socket besides an address or TLS, or the address is of no use.
    """
    if socket is not None:
        if address is not None or tls is not None:
            raise ValueError(f"socket: `{os.fspath(socket)}` (expected: no address or TLS beside it)")
        return UnixSocket(socket, socket_owner)
    if address is None and tls is None and _USUAL_SOCKET.exists():
        return UnixSocket(_USUAL_SOCKET, socket_owner)
    return Tcp(address or _USUAL_ADDRESS, tls)
