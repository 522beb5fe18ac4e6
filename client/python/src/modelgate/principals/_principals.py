"""Proves who calls."""

from __future__ import annotations

import re
import time
import unicodedata
from collections.abc import Sequence

from modelgate.principals._call import Call, Caller, Credential, Link, UnprovenError
from modelgate.principals._reader import sources
from modelgate.principals._tokens import Jwt
from modelgate.protect import Protection

_PRINCIPAL = re.compile(r"(user|serviceAccount|app):[^\s,]{1,256}")


class Principals:
    """All places where callers prove themselves.

    Of alternatives the first whose credential is there counts, good or bad: nobody becomes another by adding a bad
    credential. Each link that is acted through must be proven, by a credential of its own.
    """

    def __init__(self, principal: Sequence[Credential], acting_through: Sequence[Credential] = ()) -> None:
        self._principal = tuple(principal)
        self._acting_through = tuple(acting_through)
        self.may_block = any(each.may_block for each in (*self._principal, *self._acting_through))
        """Whether `caller` may wait for the keys of an issuer."""

    @property
    def challenge(self) -> str:
        """What an answer of 401 must have in `WWW-Authenticate` (RFC 9110, section 15.5.2).

        It asks for a token where one is taken. Headers of a proxy and certificates have no scheme of their own, so that
        without a token it only names who refuses.
        """
        takes_tokens = any(isinstance(each, Jwt) for each in (*self._principal, *self._acting_through))
        return f'{"Bearer" if takes_tokens else "Modelgate"} realm="modelgate"'

    @staticmethod
    def of(protection: Protection) -> Principals:
        """What the document says. Raises ProtectionError if it says nothing, or something that is wrong."""
        fields = protection.document
        principal = protection.place.required(fields, "principal")
        return Principals(sources(principal), sources(fields["acting-through"]) if "acting-through" in fields else ())

    def caller(self, call: Call) -> Caller:
        """Who calls. Raises UnprovenError."""
        links = [_first(self._principal, call), *(_first((each,), call) for each in self._acting_through)]
        for link in links:
            if not is_principal(link.principal):
                raise UnprovenError("a credential that names no user, serviceAccount or app")
        until = min(link.until for link in links)
        if until <= time.time():
            raise UnprovenError("a credential that has ended")
        return Caller(links[0].principal, tuple(link.principal for link in links[1:]), until)


def _first(alternatives: Sequence[Credential], call: Call) -> Link:
    for each in alternatives:
        link = each.link(call)
        if link is not None:
            return link
    raise UnprovenError("no credential")


def is_principal(text: str) -> bool:
    """Whether a text names a principal that can call; whether it is canonical is for the sidecar."""
    return _PRINCIPAL.fullmatch(text) is not None and not any(unicodedata.category(each) == "Cc" for each in text)
