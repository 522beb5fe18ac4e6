"""How a refused request ends: a gRPC status with one ErrorInfo, or an HTTP status with a small JSON body."""

from __future__ import annotations

import json
from dataclasses import dataclass

import grpc
from google.protobuf import any_pb2
from google.rpc import error_details_pb2, status_pb2

from modelgate._wire import DETAILS, DOMAIN
from modelgate.answer import Answer
from modelgate.protect import Malformed, Unmapped

_HTTP = {
    grpc.StatusCode.UNAUTHENTICATED: 401,
    grpc.StatusCode.PERMISSION_DENIED: 403,
    grpc.StatusCode.INVALID_ARGUMENT: 400,
    grpc.StatusCode.UNAVAILABLE: 503,
}


@dataclass(frozen=True, slots=True)
class Denial:
    """Why a request does not pass. `reason` is in UPPER_SNAKE."""

    code: grpc.StatusCode
    reason: str
    message: str

    @staticmethod
    def unauthenticated() -> Denial:
        """Nobody is proven to call."""
        return Denial(grpc.StatusCode.UNAUTHENTICATED, "UNAUTHENTICATED", "no authenticated principal")

    @staticmethod
    def unmapped(outcome: Unmapped) -> Denial:
        """No rule matches, or no model is named."""
        return Denial(grpc.StatusCode.PERMISSION_DENIED, "NO_MODEL", outcome.why)

    @staticmethod
    def malformed(outcome: Malformed) -> Denial:
        """It can be read in more than one way, or in none."""
        return Denial(grpc.StatusCode.INVALID_ARGUMENT, "REQUEST_MALFORMED", outcome.why)

    @staticmethod
    def unavailable() -> Denial:
        """The sidecar could not be asked, or is lost."""
        return Denial(grpc.StatusCode.UNAVAILABLE, "AUTHORIZATION_UNAVAILABLE", "authorization unavailable")

    @staticmethod
    def unreadable_list() -> Denial:
        """What the application lists cannot be filtered, so it is not shown."""
        return Denial(grpc.StatusCode.UNAVAILABLE, "LIST_UNREADABLE", "the list cannot be filtered")

    @staticmethod
    def of(answer: Answer) -> Denial:
        """From an answer that does not allow.

        A question that the sidecar refuses is PERMISSION_DENIED, for asking again does not help; one that it could not
        answer is UNAVAILABLE.
        """
        if answer.cause is not None and answer.cause.code is not grpc.StatusCode.INVALID_ARGUMENT:
            return Denial.unavailable()
        reason = answer.reason or answer.outcome.name
        return Denial(grpc.StatusCode.PERMISSION_DENIED, reason, reason)

    def trailers(self) -> tuple[tuple[str, bytes], ...]:
        """The details as trailing metadata."""
        detail = any_pb2.Any()
        detail.Pack(error_details_pb2.ErrorInfo(domain=DOMAIN, reason=self.reason))
        status = status_pb2.Status(code=self.code.value[0], message=self.message, details=[detail])
        return ((DETAILS, status.SerializeToString()),)

    @property
    def http_status(self) -> int:
        """400, 401, 403 or 503."""
        return _HTTP[self.code]

    def body(self) -> bytes:
        """JSON that clients of OpenAI's API understand as well."""
        error = {"code": self.http_status, "status": self.code.name, "reason": self.reason, "message": self.message}
        return json.dumps({"error": error}).encode()
