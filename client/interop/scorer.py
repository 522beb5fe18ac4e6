"""The servers of client/examples, which serve acme.Scorer; called by grpcurl."""

from __future__ import annotations

import base64
import json
import signal
import subprocess
import time

import grpc
from google.rpc import error_details_pb2
from harness import ROOT, Process, Sidecar, case, equal, eventually

ANA, BEN, EVE = "user:ana@acme.com", "user:ben@acme.com", "user:eve@acme.com"
FRAUD = "organizations/acme/models/fraud"
PROTECT = ROOT / "client/examples/protect.yaml"
CUT_SECONDS = 1.0
DEADLINE_MS = 1_000
"""Ours is 50, which two cores that run everything cannot promise."""

DENIED, UNAVAILABLE = grpc.StatusCode.PERMISSION_DENIED, grpc.StatusCode.UNAVAILABLE
_PROTO = ("-import-path", str(ROOT / "client/examples"), "-proto", "scorer.proto")


def _arguments(port: int, principal: str | None, method: str) -> list[str]:
    header = [] if principal is None else ["-H", f"x-user: {principal}"]
    return [*("grpcurl", "-plaintext", "-format-error"), *_PROTO, *header, "-d", '"fraud"', f"127.0.0.1:{port}", f"acme.Scorer/{method}"]


def score(port: int, principal: str | None) -> str:
    """The reply, or the error with its details, as grpcurl prints it."""
    ran = subprocess.run(_arguments(port, principal, "Score"), capture_output=True, text=True, timeout=20, check=False)
    return ran.stdout + ran.stderr


def refused(reply: str, code: grpc.StatusCode, reason: str) -> None:
    """The reply ends with this error, with the one ErrorInfo that each refusal has."""
    assert "{" in reply, reply
    error = json.loads(reply[reply.index("{") :])
    equal(error["code"], code.value[0])
    equal(len(error["details"]), 1)
    info = error_details_pb2.ErrorInfo.FromString(base64.b64decode(error["details"][0]["@value"]))
    equal((info.domain, info.reason), ("modelgate.dev", reason))


class Watch(Process):
    """A running Watch."""

    def __init__(self, port: int, principal: str, name: str) -> None:
        super().__init__(name, _arguments(port, principal, "Watch"))

    def flows(self) -> None:
        """Waits for five more scores."""
        wanted = len(self.output().splitlines()) + 5
        self.until("scores flow", lambda: len(self.output().splitlines()) >= wanted)

    def cut(self, code: grpc.StatusCode, reason: str) -> None:
        """Waits for the end, which must be this refusal."""
        eventually("the stream ends", lambda: self.process.poll() is not None)
        refused(self.output(), code, reason)


def cases(way: str, sidecar: Sidecar, port: int) -> None:
    """All there is to show of a way."""
    with case(f"{way}: ben is allowed, eve is denied with the reason, nobody is unauthenticated"):
        # The first checks of a sidecar that has just started may be later than their deadline.
        eventually("ben is allowed", lambda: score(port, BEN).strip() == "0.5")
        refused(score(port, EVE), DENIED, "NO_GRANT")
        refused(score(port, None), grpc.StatusCode.UNAUTHENTICATED, "UNAUTHENTICATED")
    with case(f"{way}: a revoke denies the next call, a grant allows it again"):
        sidecar.revoke(FRAUD, BEN)
        refused(score(port, BEN), DENIED, "NO_GRANT")
        sidecar.grant(FRAUD, BEN)
        equal(score(port, BEN).strip(), "0.5")
    _cut(way, sidecar, port)
    sidecar.stop(signal.SIGKILL)
    with case(f"{way}: without a sidecar everything is refused, and says that it is for that"):
        refused(score(port, BEN), UNAVAILABLE, "AUTHORIZATION_UNAVAILABLE")
    sidecar.start()
    with case(f"{way}: a sidecar that is back is used again, by itself"):
        eventually("ben is allowed", lambda: score(port, BEN).strip() == "0.5")
        refused(score(port, EVE), DENIED, "NO_GRANT")


def _cut(way: str, sidecar: Sidecar, port: int) -> None:
    """Running streams that a revoke and an outage end; starts the sidecar again."""
    with Watch(port, BEN, "bens") as bens, Watch(port, ANA, "anas") as anas:
        with case(f"{way}: a revoke cuts the running stream of ben, that of ana goes on"):
            bens.flows()
            anas.flows()
            sidecar.revoke(FRAUD, BEN)
            acknowledged = time.monotonic()
            bens.cut(DENIED, "NO_GRANT")
            assert time.monotonic() - acknowledged < CUT_SECONDS
            anas.flows()
        sidecar.stop(signal.SIGKILL)
        with case(f"{way}: without a sidecar running streams are cut"):
            anas.cut(UNAVAILABLE, "AUTHORIZATION_UNAVAILABLE")
    sidecar.start()
    sidecar.grant(FRAUD, BEN)
    eventually("ben is allowed", lambda: score(port, BEN).strip() == "0.5")


def prepare(sidecar: Sidecar) -> None:
    """Ana owns the model, ben may use it."""
    sidecar.organization("acme", "fraud")
    sidecar.grant(FRAUD, BEN)


def served(server: Process) -> int:
    """The port that an example says it serves on."""
    server.until(f"{server.name} serves", lambda: "serving " in server.output())
    line = next(line for line in server.output().splitlines() if line.startswith("serving "))
    equal(line.rsplit(":", 1)[0], "serving 127.0.0.1")
    return int(line.rsplit(":", 1)[1])
