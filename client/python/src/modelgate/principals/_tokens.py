"""JSON Web Tokens, by the keys of their issuers."""

from __future__ import annotations

import json
import re
import ssl
import threading
import time
import unicodedata
import urllib.parse
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from typing import Any

from modelgate.principals._call import Call, Link, UnprovenError, one

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512")
"""What signatures may be made by: no MAC, which who can verify can make, and no `none`."""

_TOKEN_CHARS_MAX = 8_192
_DOCUMENT_BYTES_MAX = 1 << 20
_FETCH_TIMEOUT_S = 5.0
_INTERVAL_MIN_S = 10.0
_SUBJECT_BYTES_MAX = 255
_LATEST = 253_402_300_799
_RSA_BITS_MIN = 2_048
_TYPES = ("jwt", "at+jwt", "application/at+jwt")
_CURVES = {"ES256": "P-256", "ES384": "P-384", "ES512": "P-521"}
_LOOPBACK = re.compile(r"localhost|127(\.\d{1,3}){3}|::1")
_BEARER = re.compile(r"bearer +(\S+)", re.IGNORECASE)
_WELL_KNOWN = "/.well-known/openid-configuration"


@dataclass(frozen=True)
class Issuer:
    """An issuer whose tokens are taken, and how they name principals. Durations are in seconds."""

    issuer: str
    audiences: frozenset[str]
    keys: str | None = None
    """A URL or the path of a JWK set; None: the issuer's own discovery document names it."""
    algorithms: frozenset[str] = frozenset(("RS256", "ES256"))
    claim: str = "sub"
    any_email: bool = False
    kind: str = "user"
    skew: float = 60
    refresh_every: float = 300
    stale_max: float = 86_400
    trusted: str | None = None
    """PEM file with the authorities of an https server; None: those of the system."""


def safe_url(text: str) -> str:
    """A URL that keys may be fetched from: https, or http on this machine. Raises ValueError for any other."""
    url = urllib.parse.urlsplit(text)
    local = url.scheme == "http" and url.hostname is not None and _LOOPBACK.fullmatch(url.hostname)
    if not url.hostname or not (url.scheme == "https" or local) or "@" in url.netloc or url.fragment:
        raise ValueError("no https URL, nor an http URL of this machine")
    return text


class IssuerKeys:
    """The keys of an issuer over time. Safe for concurrent use.

    Invariants: at most one load runs, and none begins within 10 s after the last one began, whatever tokens ask for; keys
    that could not be loaded again for the stale time verify nothing more.
    """

    def __init__(self, issuer: Issuer) -> None:
        self._issuer = issuer
        self._loading = threading.Lock()
        self._known: Sequence[Mapping[str, Any]] = ()
        self._since = -float("inf")
        self._attempted = -float("inf")

    def find(self, header: Mapping[str, Any]) -> list[Mapping[str, Any]]:
        """The keys that a token's header fits. Blocks, at most for a load, when there is none."""
        found = self._fitting(header)
        if not found:
            return self._fitting(header) if self._refresh() else []
        if monotonic() - self._since >= self._issuer.refresh_every and not self._loading.locked():
            threading.Thread(target=self._refresh, name="modelgate-keys", daemon=True).start()
        return found

    def _fitting(self, header: Mapping[str, Any]) -> list[Mapping[str, Any]]:
        if monotonic() - self._since >= self._issuer.stale_max:
            return []
        return [key for key in self._known if _fits(key, header)]

    def _refresh(self) -> bool:
        """Loads the keys unless that was begun a moment ago; waits for a load that runs."""
        asked = monotonic()
        with self._loading:
            if self._attempted > asked:
                return True
            if asked - self._attempted < _INTERVAL_MIN_S:
                return False
            self._attempted = began = monotonic()
            try:
                self._known, self._since = _load(self._issuer), began
            except (OSError, ValueError, KeyError, TypeError, AttributeError):
                return False
            return True


def _fits(key: Mapping[str, Any], header: Mapping[str, Any]) -> bool:
    algorithm = header["alg"]
    if key.get("use", "sig") != "sig" or key.get("alg", algorithm) != algorithm:
        return False
    if "kid" in header and key.get("kid") != header["kid"]:
        return False
    if algorithm in _CURVES:
        return key.get("kty") == "EC" and key.get("crv") == _CURVES[algorithm]
    return key.get("kty") == "RSA"


def _load(issuer: Issuer) -> Sequence[Mapping[str, Any]]:
    if issuer.keys is None:
        document = json.loads(_fetch(issuer.issuer.removesuffix("/") + _WELL_KNOWN, issuer.trusted))
        if document["issuer"] != issuer.issuer:
            raise ValueError("a discovery document of another issuer")
        octets = _fetch(document["jwks_uri"], issuer.trusted)
    elif issuer.keys.lower().startswith(("http:", "https:")):
        octets = _fetch(issuer.keys, issuer.trusted)
    else:
        with Path(issuer.keys).open("rb") as stream:
            octets = stream.read(_DOCUMENT_BYTES_MAX)
    return [key for key in json.loads(octets)["keys"] if isinstance(key, dict)]


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """Keys are where they are said to be."""

    def redirect_request(self, *unused: Any) -> None:
        return None


def _fetch(url: str, trusted: str | None) -> bytes:
    context = ssl.create_default_context(cafile=trusted)
    opener = urllib.request.build_opener(urllib.request.HTTPSHandler(context=context), _NoRedirect)
    with opener.open(safe_url(url), timeout=_FETCH_TIMEOUT_S) as response:
        octets: bytes = response.read(_DOCUMENT_BYTES_MAX + 1)
    if len(octets) > _DOCUMENT_BYTES_MAX:
        raise ValueError("a document that is too large")
    return octets


@dataclass
class Jwt:
    """The token of `authorization: Bearer <token>`.

    The algorithm must be one that the issuer is trusted with, and the key one that the issuer publishes for it; nothing
    that the token says of its own key is believed but its name.
    """

    issuers: Sequence[Issuer]
    may_block: bool = field(default=True, init=False)

    def __post_init__(self) -> None:
        self._issuers = [(issuer, IssuerKeys(issuer)) for issuer in self.issuers]

    def link(self, call: Call) -> Link | None:
        """Whom the token names, until it ends."""
        value = one(call, "authorization")
        if value is None:
            return None
        bearer = _BEARER.fullmatch(value.strip())
        if bearer is None or len(bearer[1]) > _TOKEN_CHARS_MAX:
            raise UnprovenError("the header `authorization` is not `Bearer <token>`, or is too long")
        return self._verified(bearer[1])

    def _verified(self, token: str) -> Link:
        import jwt

        try:
            header: dict[str, Any] = jwt.get_unverified_header(token)
            claimed = jwt.decode(token, options={"verify_signature": False})
            issuer, keys = self._issuer(claimed)
            if header["alg"] not in issuer.algorithms:
                raise UnprovenError("a token signed by another algorithm")
            if str(header.get("typ", "jwt")).lower() not in _TYPES or "crit" in header or "b64" in header:
                raise UnprovenError("a token of another type")
            for key in keys.find(header):
                claims = _claims(token, key, header["alg"])
                if claims is not None:
                    return _named(issuer, claims)
        except (jwt.PyJWTError, KeyError, TypeError, ValueError) as e:
            raise UnprovenError("a token that cannot be read") from e
        raise UnprovenError("a token whose signature is not its issuer's")

    def _issuer(self, claims: Mapping[str, Any]) -> tuple[Issuer, IssuerKeys]:
        """Of several entries of one issuer the first with the audience."""
        for issuer, keys in self._issuers:
            if claims.get("iss") == issuer.issuer and issuer.audiences.intersection(_audience(claims)):
                return issuer, keys
        raise UnprovenError("a token of another issuer or for another audience")


def _audience(claims: Mapping[str, Any]) -> list[str]:
    audience = claims.get("aud")
    return [each for each in (audience if isinstance(audience, list) else [audience]) if isinstance(each, str)]


def _claims(token: str, key: Mapping[str, Any], algorithm: str) -> dict[str, Any] | None:
    """The claims, if that key signed them."""
    import jwt
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

    public = {name: value for name, value in key.items() if name in ("kty", "n", "e", "crv", "x", "y")}
    unchecked = {f"verify_{name}": False for name in ("exp", "nbf", "iat", "aud", "iss", "sub", "jti")}
    try:
        loaded = jwt.PyJWK(public, algorithm)
        if isinstance(loaded.key, RSAPublicKey) and loaded.key.key_size < _RSA_BITS_MIN:
            return None
        claims: dict[str, Any] = jwt.decode(token, loaded.key, algorithms=[algorithm], options=unchecked)  # type: ignore[arg-type]
        return claims
    except (jwt.PyJWTError, ValueError, TypeError):
        return None


def _named(issuer: Issuer, claims: Mapping[str, Any]) -> Link:
    """Whom a token names whose signature is right: if it is meant for us, and now.

    Its end is kept to the second, without the allowance for clocks that its beginning has.
    """
    now = time.time()
    if claims.get("iss") != issuer.issuer or not issuer.audiences.intersection(_audience(claims)):
        raise UnprovenError("a token of another issuer or for another audience")
    expires: Any = claims.get("exp")
    if not _is_time(expires) or expires > _LATEST:
        raise UnprovenError("a token without an end")
    if expires <= now:
        raise UnprovenError("a token that has ended")
    for name in ("nbf", "iat"):
        begin: Any = claims.get(name, now)
        if not _is_time(begin) or begin > now + issuer.skew:
            raise UnprovenError("a token that has not begun")
    if "cnf" in claims:
        # Only its owner may use it, with a proof that we do not ask for: no bearer token.
        raise UnprovenError("a token that is bound to a key")
    _require_subject(claims.get("sub"))
    named: Any = claims.get(issuer.claim)
    if issuer.claim == "email" and not issuer.any_email and claims.get("email_verified") is not True:
        named = None
    if not isinstance(named, str) or not named:
        raise UnprovenError("a token that names nobody")
    return Link(f"{issuer.kind}:{named}", float(expires))


def _is_time(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _require_subject(subject: Any) -> None:
    if (
        not isinstance(subject, str)
        or not 1 <= len(subject.encode()) <= _SUBJECT_BYTES_MAX
        or any(unicodedata.category(each) == "Cc" for each in subject)
    ):
        raise UnprovenError("a token without a subject")
