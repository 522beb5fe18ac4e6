"""Reads `principal` and `acting-through` of a protection document."""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Callable, Sequence
from typing import TypeVar

from modelgate.principals._call import Credential
from modelgate.principals._certificates import (
    ID,
    Certificate,
    CertificateHop,
    ForwardedCertificate,
    Header,
    Hop,
    LocalHop,
    Mapping,
    NamePattern,
)
from modelgate.principals._tokens import ALGORITHMS, Issuer, Jwt, safe_url
from modelgate.protect._yaml import YamlNode, shown

_T = TypeVar("_T")
_SOURCES = ("header", "kind", "jwt", "certificate", "forwarded-certificate", "trusted-hop")
_ISSUER = (
    "issuer", "audience", "keys", "algorithms", "principal-claim", "principal-kind", "any-email", "skew-seconds",
    "refresh-seconds", "stale-seconds", "trusted-certificates",
)  # fmt: skip
_NAMES = ("uri", "dns", "subject")
_SOURCES_MAX = 8
_DAY_S = 86_400
_HEADER = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
_KINDS = ("user", "serviceAccount", "app")
_EXAMPLE = re.compile(r"(user|serviceAccount|app):[^\s,]{1,256}")


def sources(node: YamlNode) -> list[Credential]:
    """The alternatives of `principal`, or the links of `acting-through`. Raises ProtectionError."""
    found = [_source(each) for each in node.one_or_more()]
    if not 1 <= len(found) <= _SOURCES_MAX:
        raise node.error(f"{len(found)} sources (expected: 1..{_SOURCES_MAX})")
    return found


def _source(node: YamlNode) -> Credential:
    fields = node.fields(_SOURCES)
    one = [each for each in ("header", "jwt", "certificate", "forwarded-certificate") if each in fields]
    fits = len(one) == 1 and ("kind" not in fields or one == ["header"])
    if not fits or ("trusted-hop" in fields and one[0] not in ("header", "forwarded-certificate")):
        raise node.error(
            "expected: one of `header` (with `kind`, `trusted-hop`), `jwt`, `certificate` and `forwarded-certificate` "
            "(with `trusted-hop`)"
        )
    source = fields[one[0]]
    if source.is_text and one[0] in ("jwt", "certificate"):
        raise source.error(f"`{shown(source.text())}` (expected: settings, for only the sidecar has those of the sidecar)")
    if one[0] == "header":
        return Header(
            source.read(_header, "the name of a header in lower case"),
            _kind(fields["kind"]) if "kind" in fields else "",
            _hop(fields["trusted-hop"]) if "trusted-hop" in fields else None,
        )
    if one[0] == "jwt":
        _require("jwt", "jwt", source)
        return Jwt(_some(source, _issuer))
    if one[0] == "certificate":
        _require("cryptography", "certificate", source)
        return Certificate(_some(source, _mapping))
    return ForwardedCertificate(_some(source, _mapping), _hop(node.required(fields, "trusted-hop")))


def _require(module: str, extra: str, node: YamlNode) -> None:
    if importlib.util.find_spec(module) is None:
        raise node.error(f"needs `pip install 'modelgate[{extra}]'`")


def _some(node: YamlNode, read: Callable[[YamlNode], _T]) -> Sequence[_T]:
    found = [read(each) for each in node.one_or_more()]
    if not found:
        raise node.error("expected: at least one")
    return found


def _header(name: str) -> str:
    if not _HEADER.fullmatch(name) or name.endswith("-bin"):
        raise ValueError(name)
    return name


def _kind(node: YamlNode) -> str:
    return _one_of(node, _KINDS)


def _one_of(node: YamlNode, allowed: Sequence[str]) -> str:
    if node.text() not in allowed:
        raise node.error(f"`{shown(node.text())}` (expected: one of {', '.join(allowed)})")
    return node.text()


def _hop(node: YamlNode) -> Hop:
    if node.is_text:
        if node.text() != "local":
            raise node.error("expected: `local`, or names of its certificate such as {uri: spiffe://acme/envoy}")
        return LocalHop()
    _require("cryptography", "certificate", node)
    return CertificateHop(_some(node, lambda each: _pattern(each, each.fields(_NAMES))))


def _pattern(node: YamlNode, fields: dict[str, YamlNode]) -> NamePattern:
    kinds = [each for each in _NAMES if each in fields]
    if len(kinds) != 1:
        raise node.error("expected: one of `uri`, `dns` and `subject`")
    if kinds[0] == "subject":
        _require("cryptography", "certificate", node)
    return fields[kinds[0]].read(
        lambda text: NamePattern(kinds[0], text), "a name with {id} at most once, a subject such as CN={id},O=Acme"
    )


def _mapping(node: YamlNode) -> Mapping:
    fields = node.fields((*_NAMES, "principal"))
    pattern = _pattern(node, fields)
    principal = node.required(fields, "principal")
    if principal.text().count(ID) != fields[pattern.kind].text().count(ID):
        raise principal.error("principal: {id} must stand once in it and in the name, or in neither")
    if not _EXAMPLE.fullmatch(principal.text().replace(ID, "x")):
        raise principal.error("expected: a user, serviceAccount or app, with {id} for what varies")
    return Mapping(pattern, principal.text())


def _issuer(node: YamlNode) -> Issuer:
    fields = node.fields(_ISSUER)
    issuer = node.required(fields, "issuer")
    audiences = frozenset(each.text() for each in _some(node.required(fields, "audience"), lambda each: each))
    if "keys" not in fields:
        issuer.read(safe_url, "an https URL, or `keys` beside it")
    elif fields["keys"].text().lower().startswith(("http:", "https:")):
        fields["keys"].read(safe_url, "an https URL or a path")
    known = Issuer(issuer.text(), audiences)
    return Issuer(
        known.issuer,
        audiences,
        fields["keys"].text() if "keys" in fields else None,
        frozenset(_some(fields["algorithms"], lambda each: _one_of(each, ALGORITHMS)))
        if "algorithms" in fields
        else known.algorithms,
        fields["principal-claim"].text() if "principal-claim" in fields else known.claim,
        "any-email" in fields and fields["any-email"].flag(),
        _kind(fields["principal-kind"]) if "principal-kind" in fields else known.kind,
        fields["skew-seconds"].number(0, 300) if "skew-seconds" in fields else known.skew,
        fields["refresh-seconds"].number(10, _DAY_S) if "refresh-seconds" in fields else known.refresh_every,
        fields["stale-seconds"].number(60, 7 * _DAY_S) if "stale-seconds" in fields else known.stale_max,
        fields["trusted-certificates"].text() if "trusted-certificates" in fields else None,
    )
