"""The one place where questions and answers meet the wire contract. Nothing here blocks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timezone
from typing import Any, cast

import grpc
from google.protobuf.message import DecodeError
from google.rpc import error_details_pb2, status_pb2

from modelgate.answer import Answer, CheckError, Outcome, Question
from modelgate.v1 import authorization_pb2, decision_pb2, error_pb2

DOMAIN = "modelgate.dev"
"""The domain of every ErrorInfo of Modelgate."""

DETAILS = "grpc-status-details-bin"
"""The trailer that carries a google.rpc.Status."""

_REASON_PREFIX = "ERROR_REASON_"
_RETRY_AFTER_MAX = 3600.0
_OUTCOMES = {
    decision_pb2.DECISION_ALLOW: Outcome.ALLOWED,
    decision_pb2.DECISION_DENY: Outcome.DENIED,
    decision_pb2.DECISION_CONDITIONAL: Outcome.CONDITIONAL,
}
_CODES: dict[int, grpc.StatusCode] = {code.value[0]: code for code in grpc.StatusCode}


def to_request(question: Question) -> authorization_pb2.CheckRequest:
    """The question on the wire."""
    request = authorization_pb2.CheckRequest(
        principal=question.principal,
        model=question.model,
        action=question.action,
        acting_through=question.acting_through,
        link_secret=question.link_secret,
    )
    if question.context:
        request.context.update(cast(Any, question.context))  # `Question` let in nothing else than a Struct takes.
    return request


def to_answer(response: authorization_pb2.CheckResponse) -> Answer:
    """Reads a decision; one that is unspecified or unknown is a denial with a cause."""
    outcome = _OUTCOMES.get(response.decision)
    if outcome is None:
        return Answer.failed(unknown(f"decision: `{response.decision}` (expected: one that this client knows)"))
    return Answer(
        outcome,
        response.reason,
        response.revision,
        _instant(response) if response.HasField("valid_until") else None,
        response.denied_link,
        tuple(response.missing_attributes),
    )


def to_answers(size: int, results: Sequence[authorization_pb2.BatchCheckResult]) -> list[Answer]:
    """Reads the answers of a batch of `size` questions; another number of results denies them all."""
    if len(results) != size:
        return [Answer.failed(unknown(f"results: {len(results)} (expected: {size})"))] * size
    return [_result(each) for each in results]


def _result(result: authorization_pb2.BatchCheckResult) -> Answer:
    which = result.WhichOneof("result")
    if which == "response":
        return to_answer(result.response)
    return from_item(result.error) if which == "error" else unset()


def from_item(error: error_pb2.ItemError) -> Answer:
    """Reads the failure of one item; a code that is none, or that of success, is UNKNOWN."""
    code = _CODES.get(error.code, grpc.StatusCode.UNKNOWN)
    name = error_pb2.ErrorReason.Name(error.reason) if error.reason in error_pb2.ErrorReason.values() else ""
    given = error.reason != error_pb2.ERROR_REASON_UNSPECIFIED and name.startswith(_REASON_PREFIX)
    return Answer.failed(
        CheckError(
            grpc.StatusCode.UNKNOWN if code is grpc.StatusCode.OK else code,
            error.message,
            name.removeprefix(_REASON_PREFIX) if given else "",
            _bounded(error.retry_after.seconds, error.retry_after.nanos) if error.HasField("retry_after") else None,
        )
    )


def unset() -> Answer:
    """An answer that neither decides nor fails, as a newer or broken server might send."""
    return Answer.failed(unknown("result: not set (expected: one)"))


def unknown(message: str) -> CheckError:
    """Something was answered that this client does not know."""
    return CheckError(grpc.StatusCode.UNKNOWN, message, "UNKNOWN_DECISION")


def to_error(failure: BaseException) -> CheckError:
    """Reads any failure; one that is not of gRPC is UNKNOWN. Never raises."""
    if isinstance(failure, CheckError):
        return failure
    error = _read(failure) if isinstance(failure, grpc.RpcError) else None
    if error is None:
        error = CheckError(grpc.StatusCode.UNKNOWN, f"{type(failure).__name__}: {failure}")
    error.__cause__ = failure
    return error


def _read(failure: grpc.RpcError) -> CheckError | None:
    code, details, trailers = (getattr(failure, name, None) for name in ("code", "details", "trailing_metadata"))
    status = code() if callable(code) else None
    if not isinstance(status, grpc.StatusCode):
        return None
    message = str((details() if callable(details) else "") or status.name.lower().replace("_", " "))
    reason, retry_after = "", None
    try:
        for detail in _details(trailers() if callable(trailers) else ()):
            info, retry = error_details_pb2.ErrorInfo(), error_details_pb2.RetryInfo()
            if detail.Unpack(info) and info.domain == DOMAIN:
                reason = info.reason
            elif detail.Unpack(retry):
                retry_after = _bounded(retry.retry_delay.seconds, retry.retry_delay.nanos)
    except DecodeError:
        pass  # Details that cannot be read say nothing; the status itself still counts.
    return CheckError(status, message, reason, retry_after)


def _details(trailers: Iterable[tuple[str, str | bytes]] | None) -> Iterable[status_pb2.Status]:
    for key, value in trailers or ():
        if key == DETAILS and isinstance(value, bytes):
            yield from status_pb2.Status.FromString(value).details


def _bounded(seconds: int, nanos: int) -> float:
    return min(_RETRY_AFTER_MAX, max(0.0, seconds + nanos / 1e9))


def _instant(response: authorization_pb2.CheckResponse) -> datetime | None:
    try:
        return datetime.fromtimestamp(response.valid_until.seconds, timezone.utc).replace(
            microsecond=response.valid_until.nanos // 1000
        )
    except (ValueError, OverflowError, OSError):
        return None


def retry_delay(error: CheckError, attempt: int, remaining: float) -> float | None:
    """Seconds to wait before the one repetition, or None if the failure is final.

    UNAVAILABLE is repeated at once, or when the server says; RESOURCE_EXHAUSTED only when the server says. `remaining`
    seconds are left until the deadline; a wait that does not end before it makes the failure final.
    """
    if attempt > 1 or remaining <= 0:
        return None
    if error.code is grpc.StatusCode.UNAVAILABLE:
        delay: float | None = error.retry_after or 0.0
    else:
        delay = error.retry_after if error.code is grpc.StatusCode.RESOURCE_EXHAUSTED else None
    return delay if delay is not None and delay < remaining else None
