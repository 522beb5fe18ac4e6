"""Certificates of peers, of hops before this server, and those that Envoy forwards the names of."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from modelgate.principals._call import Call, Link, UnprovenError, one

ID = "{id}"
"""What stands for the part of a name that varies."""

_FORWARDED = "x-forwarded-client-cert"
_FORWARDED_CHARS_MAX = 16_384
_PLACES = {"uri": "([^/?#]+)", "dns": "([a-z0-9_-]+)"}
_UNUSED = ("by", "hash", "cert", "chain")
_PAIR = re.compile(r'([A-Za-z]+)=(?:"((?:[ !#-\[\]-~]|\\[ -~])*)"|([ !#-+\--:<>-~]*))')
Subject = tuple[tuple[tuple[str, str], ...], ...]


@dataclass
class CertificateNames:
    """The names of a certificate by kind: `uri`, `dns` and `subject`, which is one as RFC 4514 writes it, or none."""

    uri: list[str] = field(default_factory=list)
    dns: list[str] = field(default_factory=list)
    subject: list[str] = field(default_factory=list)

    def of(self, kind: str) -> list[str]:
        """Those that a pattern of that kind looks at; none of a SPIFFE certificate with several URIs."""
        if len(self.uri) > 1 and any(each.lower().startswith("spiffe://") for each in self.uri):
            return []
        return {"uri": self.uri, "dns": self.dns, "subject": self.subject}[kind]


class NamePattern:
    """A whole name in which `{id}` may stand once: for one segment of a URI's path, one label of a DNS name, or the whole
    value of one attribute of a subject."""

    def __init__(self, kind: str, pattern: str) -> None:
        """Raises ValueError when `{id}` stands in it more than once, or a subject is none."""
        if pattern.count(ID) > 1:
            raise ValueError(pattern)
        self.kind = kind
        self._match: Callable[[str], str | None] = _subject_matcher(pattern) if kind == "subject" else _matcher(kind, pattern)

    def match(self, names: CertificateNames) -> str | None:
        """What `{id}` stands for in the first name that fits, the empty text without `{id}`; None if none fits."""
        return next((found for each in names.of(self.kind) if (found := self._match(each)) is not None), None)


def _matcher(kind: str, pattern: str) -> Callable[[str], str | None]:
    def fold(text: str) -> str:
        return text.lower() if kind == "dns" else text

    before, place, after = fold(pattern).partition(ID)
    compiled = re.compile(re.escape(before) + (_PLACES[kind] if place else "()") + re.escape(after))

    def match(name: str) -> str | None:
        matched = compiled.fullmatch(fold(name))
        return matched and matched[1]

    return match


def _subject_matcher(pattern: str) -> Callable[[str], str | None]:
    wanted = _subject(pattern)

    def match(name: str) -> str | None:
        try:
            found = _subject(name)
        except ValueError:
            return None  # A name that cannot be read fits no rule.
        return _match_subject(wanted, found)

    return match


def _match_subject(wanted: Subject, found: Subject) -> str | None:
    """Attribute by attribute, in order, all of them."""
    matched = ""
    if len(wanted) != len(found):
        return None
    for ours, theirs in zip(wanted, found, strict=True):
        if ours == theirs and ours[0][1] != ID:
            continue
        if len(ours) == len(theirs) == 1 and ours[0][0] == theirs[0][0] and ours[0][1] == ID:
            matched = theirs[0][1]
        else:
            return None
    return matched


def _subject(text: str) -> Subject:
    from cryptography import x509

    name = x509.Name.from_rfc4514_string(text)
    if not name.rdns:
        raise ValueError(text)
    return tuple(tuple(sorted((each.oid.dotted_string, str(each.value)) for each in rdn)) for rdn in name.rdns)


@dataclass(frozen=True)
class Mapping:
    """Certificates that fit the pattern are those of a principal, in whose name `{id}` stands if it does in the pattern."""

    pattern: NamePattern
    principal: str

    def map(self, names: CertificateNames) -> str | None:
        """The principal; None if no name fits."""
        found = self.pattern.match(names)
        return None if found is None else self.principal.replace(ID, found)


def _mapped(mappings: Sequence[Mapping], names: CertificateNames) -> str:
    for mapping in mappings:
        principal = mapping.map(names)
        if principal is not None:
            return principal
    raise UnprovenError("a certificate that maps to nobody")


def peer_names(call: Call) -> tuple[CertificateNames, float] | None:
    """The names of the peer's certificate, and until when its chain is good, in seconds of Unix time."""
    chain = call.certificates()
    if not chain:
        return None
    from cryptography import x509

    try:
        certificates = [x509.load_pem_x509_certificate(each) for each in chain]
        until = min(each.not_valid_after_utc.timestamp() for each in certificates)
        names = CertificateNames(subject=[certificates[0].subject.rfc4514_string()])
        try:
            alternative = certificates[0].extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        except x509.ExtensionNotFound:
            return names, until
        names.uri = alternative.get_values_for_type(x509.UniformResourceIdentifier)
        names.dns = alternative.get_values_for_type(x509.DNSName)
        return names, until
    except ValueError as e:
        raise UnprovenError("a certificate that cannot be read") from e


class Certificate:
    """The certificate of the peer, which the server has verified."""

    may_block = False

    def __init__(self, mappings: Sequence[Mapping]) -> None:
        self._mappings = tuple(mappings)

    def link(self, call: Call) -> Link | None:
        """Of the mappings the first that fits."""
        peer = peer_names(call)
        return None if peer is None else Link(_mapped(self._mappings, peer[0]), peer[1])


class LocalHop:
    """Whoever connects over loopback or a unix socket: a proxy in the same pod."""

    def trusts(self, call: Call) -> bool:
        """Whether the peer is that hop."""
        return call.is_local


class CertificateHop:
    """Whoever shows a certificate that one of these names."""

    def __init__(self, names: Sequence[NamePattern]) -> None:
        self._names = tuple(names)

    def trusts(self, call: Call) -> bool:
        """Whether the peer is that hop."""
        peer = peer_names(call)
        return peer is not None and any(each.match(peer[0]) is not None for each in self._names)


Hop = LocalHop | CertificateHop


class Header:
    """A header that the hop before this server sets, and overwrites when a caller has sent it."""

    may_block = False

    def __init__(self, name: str, kind: str = "", hop: Hop | None = None) -> None:
        """`name` in lower case; `kind`, such as `user`, if the header has ids and not whole names."""
        self._name = name
        self._kind = kind
        self._hop = hop

    def link(self, call: Call) -> Link | None:
        """The value of the header, which may stand once."""
        value = one(call, self._name)
        if value is None:
            return None
        if self._hop is not None and not self._hop.trusts(call):
            raise UnprovenError(f"the header `{self._name}` from an untrusted hop")
        return Link(f"{self._kind}:{value}" if self._kind else value)


class ForwardedCertificate:
    """The certificate that Envoy has verified, as `x-forwarded-client-cert` tells its names."""

    may_block = False

    def __init__(self, mappings: Sequence[Mapping], hop: Hop) -> None:
        self._mappings = tuple(mappings)
        self._hop = hop

    def link(self, call: Call) -> Link | None:
        """Of the mappings the first that fits."""
        value = one(call, _FORWARDED)
        if value is None:
            return None
        if not self._hop.trusts(call):
            raise UnprovenError("a forwarded certificate from an untrusted hop")
        return Link(_mapped(self._mappings, forwarded_names(value)), math.inf)


def forwarded_names(header: str) -> CertificateNames:
    """Reads Envoy's header, strictly: one element, known keys, nothing left.

    Several elements are several hops, of which the caller may have written the first: Envoy must be told to overwrite the
    header (`SANITIZE_SET`). Raises UnprovenError for anything else.
    """
    if len(header) > _FORWARDED_CHARS_MAX:
        raise UnprovenError("a forwarded certificate that is too long")
    names = CertificateNames()
    at = 0
    while True:
        pair = _PAIR.match(header, at)
        if pair is None:
            raise UnprovenError("a forwarded certificate that cannot be read")
        key, quoted = pair[1].lower(), pair[2] is not None
        value = re.sub(r"\\(.)", r"\1", pair[2]) if quoted else pair[3]
        if key in ("uri", "dns", "subject"):
            getattr(names, key).append(value)
        elif key not in _UNUSED:
            raise UnprovenError("a forwarded certificate that cannot be read")
        at = pair.end()
        if at == len(header):
            break
        if header[at] != ";":
            raise UnprovenError("a forwarded certificate of more than one hop, or that cannot be read")
        at += 1
    if len(names.subject) > 1:
        raise UnprovenError("a forwarded certificate that cannot be read")
    for kind in (names.uri, names.dns, names.subject):
        kind[:] = filter(None, kind)  # An empty one is that of a certificate without one.
    return names
