"""The Open Inference Protocol: MLServer with a trained model behind, and stock clients in front."""

from __future__ import annotations

import os
import pathlib
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import grpc
import numpy as np
import tritonclient.grpc as triton
import tritonclient.http as triton_http
from google.rpc import error_details_pb2, status_pb2
from tritonclient.grpc import service_pb2
from tritonclient.utils import InferenceServerException

from harness import ROOT, Process, Sidecar, case, equal, eventually, free_port, http

ANA, BEN, EVE = "user:ana@acme.com", "user:ben@acme.com", "user:eve@acme.com"
FRAUD, TICKER = "organizations/acme/models/fraud", "organizations/acme/models/ticker"
FEATURES = 30
PROTECT = """\
parent: organizations/acme
protocols: [open-inference]
principal: {header: x-user}
"""
MODELS = ROOT / "client/interop/models"
SERVICE = "/inference.GRPCInferenceService"
CALL_SECONDS = 20.0
STREAMS = 20
CUT_SECONDS = 1.0
"""How late a stream may be cut here, where two cores do everything; that it takes 100 ms at most is tested elsewhere."""

_TRAIN = f"""
import sys
import joblib
from sklearn.datasets import load_breast_cancer
from sklearn.linear_model import LogisticRegression
x, y = load_breast_cancer(return_X_y=True)
assert x.shape[1] == {FEATURES}, x.shape
model = LogisticRegression(max_iter=5000).fit(x, y)
assert model.score(x, y) > 0.9, model.score(x, y)
joblib.dump(model, sys.argv[1])
"""


class MlServer(Process):
    """MLServer with the models `fraud`, which scikit-learn trained, and `ticker`, which streams without end.

    `launcher` is what starts it, given the directory of the models; default is MLServer's own command.
    """

    def __init__(self, *launcher: str | os.PathLike[str], env: dict[str, str] | None = None) -> None:
        models = pathlib.Path("models").absolute()
        shutil.copytree(MODELS, models)
        shutil.copy(_trained(), models / "fraud" / "model.joblib")
        self.grpc_port, self.http_port = free_port(), free_port()
        ports = {"MLSERVER_GRPC_PORT": str(self.grpc_port), "MLSERVER_HTTP_PORT": str(self.http_port)}
        super().__init__("mlserver", [*(launcher or ("mlserver", "start")), models], ports | (env or {}))

    def __enter__(self) -> MlServer:
        self.until_port(self.http_port)
        self.until_port(self.grpc_port)
        self.until("the models are loaded", lambda: self.output().count("successfully") == 2)
        return self


def _trained() -> pathlib.Path:
    """The trained model: by the first part that needs it, for the whole run."""
    model = pathlib.Path(os.environ["INTEROP_SHARED"]) / "fraud.joblib"
    if not model.exists():
        new = model.with_suffix(".new")
        subprocess.run([sys.executable, "-c", _TRAIN, new], check=True, timeout=180)
        new.rename(model)
    return model


@dataclass(frozen=True)
class Outcome:
    """How a call ended: `OK` or a status, and the description."""

    code: str
    message: str = ""


OK = Outcome("OK")
NO_GRANT = Outcome("PERMISSION_DENIED", "NO_GRANT")
NOBODY = Outcome("UNAUTHENTICATED", "no authenticated principal")
UNAVAILABLE = Outcome("UNAVAILABLE", "authorization unavailable")


def _headers(principal: str | None) -> dict[str, str]:
    return {} if principal is None else {"x-user": principal}


class TritonGrpc:
    """The stock tritonclient over gRPC."""

    def __init__(self, port: int) -> None:
        self._client = triton.InferenceServerClient(f"127.0.0.1:{port}")

    def _outcome(self, call: Callable[[], object]) -> Outcome:
        try:
            call()
            return OK
        except InferenceServerException as e:
            return Outcome(str(e.status()).removeprefix("StatusCode."), str(e.message()))

    def infer(self, principal: str | None, model: str = "fraud", version: str = "") -> Outcome:
        """Classifies one row, whose answer must be a class."""
        row = triton.InferInput("x", [1, FEATURES], "FP64")
        row.set_data_from_numpy(np.ones((1, FEATURES)))

        def call() -> None:
            reply = self._client.infer(model, [row], version, headers=_headers(principal), client_timeout=CALL_SECONDS)
            assert reply.as_numpy("predict")[0][0] in (0, 1), reply.get_response()

        return self._outcome(call)

    def metadata(self, principal: str | None) -> Outcome:
        """Reads the model's metadata, which is another action."""
        return self._outcome(lambda: self._client.get_model_metadata("fraud", headers=_headers(principal), client_timeout=CALL_SECONDS))

    def live(self) -> bool:
        """Asks for health, as nobody."""
        return bool(self._client.is_server_live(client_timeout=CALL_SECONDS))

    def index(self, principal: str | None) -> Outcome:
        """Lists the repository: a method that no rule names."""
        return self._outcome(lambda: self._client.get_model_repository_index(headers=_headers(principal), client_timeout=CALL_SECONDS))

    def close(self) -> None:
        """Closes the connection."""
        self._client.close()


class TritonHttp(TritonGrpc):
    """The stock tritonclient over HTTP, whose errors are told as those of gRPC are."""

    def __init__(self, port: int) -> None:
        self._url = f"http://127.0.0.1:{port}"
        self._http = triton_http.InferenceServerClient(f"127.0.0.1:{port}", connection_timeout=CALL_SECONDS, network_timeout=CALL_SECONDS)

    def _outcome(self, call: Callable[[], object]) -> Outcome:
        try:
            call()
            return OK
        except InferenceServerException as e:
            error = e.message()  # what the body has under `error`
            assert isinstance(error, dict), f"{e.status()} {error} {e.debug_details()}"
            return Outcome(error["status"], f"{error['message']} ({error['reason']}, {error['code']})")

    def infer(self, principal: str | None, model: str = "fraud", version: str = "") -> Outcome:
        row = triton_http.InferInput("x", [1, FEATURES], "FP64")
        row.set_data_from_numpy(np.ones((1, FEATURES)), binary_data=False)
        wanted = triton_http.InferRequestedOutput("predict", binary_data=False)

        def call() -> None:
            reply = self._http.infer(model, [row], version, outputs=[wanted], headers=_headers(principal))
            assert reply.as_numpy("predict")[0][0] in (0, 1), reply.get_response()

        outcome = self._outcome(call)
        if outcome != OK:
            # The client keeps the status to itself; it must be what the body says.
            x_user = {} if principal is None else {"x_user": principal}
            status, _ = http("POST", f"{self._url}/v2/models/{model}/infer", {}, **x_user)
            assert f"{status})" in outcome.message, f"{status} with {outcome}"
        return outcome

    def metadata(self, principal: str | None) -> Outcome:
        return self._outcome(lambda: self._http.get_model_metadata("fraud", headers=_headers(principal)))

    def live(self) -> bool:
        return bool(self._http.is_server_live())

    def index(self, principal: str | None) -> Outcome:
        return self._outcome(lambda: self._http.get_model_repository_index(headers=_headers(principal)))

    def close(self) -> None:
        self._http.close()


class TokenStream:
    """A running ModelStreamInfer on `ticker`, whose requests stay open as those of a conversation do.

    MLServer answers with messages of its own on this method, which tritonclient does not parse, so the bytes are taken as they come.
    """

    def __init__(self, port: int, principal: str) -> None:
        self.tokens = 0
        self.outcome: Outcome | None = None
        self.ended = 0.0
        self._error: grpc.RpcError | None = None
        self._ending = threading.Event()
        self._channel = grpc.insecure_channel(f"127.0.0.1:{port}")
        self._call = self._channel.stream_stream(f"{SERVICE}/ModelStreamInfer", request_serializer=lambda m: m.SerializeToString())(
            self._requests(), metadata=[("x-user", principal)], timeout=120
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _requests(self) -> Iterator[service_pb2.ModelInferRequest]:
        request = service_pb2.ModelInferRequest(model_name="ticker")
        prompt = request.inputs.add(name="prompt", datatype="BYTES", shape=[1])
        prompt.contents.bytes_contents.append(b"tick")
        yield request
        self._ending.wait()

    def _read(self) -> None:
        try:
            for _ in self._call:
                self.tokens += 1
            self.ended = time.monotonic()
            self.outcome = OK
        except grpc.RpcError as e:
            self.ended = time.monotonic()
            self._error = e
            self.outcome = Outcome(e.code().name, str(e.details()))

    def flows(self) -> None:
        """Waits for five more tokens."""
        wanted = self.tokens + 5
        eventually(f"tokens flow ({self.outcome})", lambda: self.tokens >= wanted)

    def cut(self) -> Outcome:
        """Waits for the end."""
        eventually("the stream ends", lambda: self.outcome is not None)
        assert self.outcome is not None
        return self.outcome

    def reason(self) -> str:
        """Why it was cut, by the ErrorInfo."""
        assert self._error is not None, self.outcome
        return error_reason(self._error)

    def close(self) -> None:
        """Cancels it."""
        self._ending.set()
        self._call.cancel()
        self._channel.close()


def error_reason(e: grpc.RpcError) -> str:
    """The reason of the one ErrorInfo that each refusal carries, which must be of our domain."""
    details = [value for key, value in e.trailing_metadata() or () if key == "grpc-status-details-bin"]
    equal(len(details), 1)
    infos = status_pb2.Status.FromString(details[0]).details
    equal(len(infos), 1)
    info = error_details_pb2.ErrorInfo()
    assert infos[0].Unpack(info), infos
    equal(info.domain, "modelgate.dev")
    return str(info.reason)


def refused(port: int, request: bytes, principal: str | None) -> tuple[str, str]:
    """Sends a ModelInfer of these bytes: its status and the reason in its ErrorInfo."""
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        try:
            channel.unary_unary(f"{SERVICE}/ModelInfer")(request, metadata=list(_headers(principal).items()), timeout=CALL_SECONDS)
        except grpc.RpcError as e:
            return e.code().name, error_reason(e)
    return "OK", ""


def prepare(sidecar: Sidecar) -> None:
    """Ana owns both models; ben may use them; eve may use another one."""
    sidecar.organization("acme", "fraud", "ticker", "other")
    for model in FRAUD, TICKER:
        sidecar.grant(model, BEN)
    sidecar.grant("organizations/acme/models/other", EVE)


def matches(actual: Outcome, expected: Outcome) -> None:
    """The same code, and a message that contains the expected one."""
    assert actual.code == expected.code and expected.message in actual.message, f"{actual} (expected: {expected})"


def unary_cases(way: str, sidecar: Sidecar, client: TritonGrpc) -> None:
    """Allowed, denied, unproven, unmapped and revoked, by a stock client."""
    with case(f"{way}: ben is allowed, and the model answers"):
        # The first checks of a sidecar that has just started may be later than their deadline.
        eventually("ben is allowed", lambda: client.infer(BEN) == OK)
        equal(client.metadata(BEN), OK)
    with case(f"{way}: eve is denied with the reason"):
        matches(client.infer(EVE), NO_GRANT)
        matches(client.metadata(EVE), NO_GRANT)
    with case(f"{way}: nobody is unauthenticated"):
        matches(client.infer(None), NOBODY)
    with case(f"{way}: a model that was never created is denied"):
        matches(client.infer(BEN, model="unknown"), Outcome("PERMISSION_DENIED", "UNKNOWN_RESOURCE"))
    with case(f"{way}: what no rule names is denied, to the owner too"):
        matches(client.index(ANA), Outcome("PERMISSION_DENIED"))
    with case(f"{way}: health passes unasked"):
        assert client.live()
    with case(f"{way}: a revoke denies the next call, a grant allows it again"):
        sidecar.revoke(FRAUD, BEN)
        matches(client.infer(BEN), NO_GRANT)
        sidecar.grant(FRAUD, BEN)
        equal(client.infer(BEN), OK)


def stream_cases(way: str, sidecar: Sidecar, port: int) -> None:
    """A revoke cuts the streams that it concerns, and hurts no other."""
    bens, anas = [TokenStream(port, BEN) for _ in range(STREAMS)], TokenStream(port, ANA)
    try:
        with case(f"{way}: tokens stream to {STREAMS} + 1 callers"):
            for stream in [*bens, anas]:
                stream.flows()
        with case(f"{way}: a revoke cuts the running streams of ben"):
            sidecar.revoke(TICKER, BEN)
            acknowledged = time.monotonic()
            for stream in bens:
                equal((stream.cut(), stream.reason()), (NO_GRANT, "NO_GRANT"))
            last = max(stream.ended for stream in bens) - acknowledged
            print(f"   {way}: the last of {STREAMS} streams was cut {last * 1e3:.0f} ms after the revoke's acknowledgement")
            assert last < CUT_SECONDS, last
        with case(f"{way}: the stream of ana goes on"):
            anas.flows()
            equal(anas.outcome, None)
        with case(f"{way}: ben opens no new stream, and does again with a new grant"):
            for allowed in False, True:
                stream = TokenStream(port, BEN)
                bens.append(stream)
                if allowed:
                    stream.flows()
                else:
                    equal(stream.cut(), NO_GRANT)
                    equal(stream.tokens, 0)
                    sidecar.grant(TICKER, BEN)
    finally:
        for stream in [*bens, anas]:
            stream.close()


def outage_cases(way: str, sidecar: Sidecar, client: TritonGrpc, port: int | None = None, health: bool = True) -> None:
    """A sidecar that is killed: everything fails closed and says why, and recovers by itself. With a port: streams too.

    `health` tells whether the way knows without the sidecar that health passes unasked.
    """
    running = None if port is None else TokenStream(port, BEN)
    try:
        if running is not None:
            running.flows()
        sidecar.stop(signal.SIGKILL)
        with case(f"{way}: without a sidecar everything is refused, and says that it is for that"):
            matches(client.infer(BEN), UNAVAILABLE)
            matches(client.infer(EVE), UNAVAILABLE)
        if health:
            with case(f"{way}: without a sidecar health passes still"):
                assert client.live()
        if running is not None:
            with case(f"{way}: without a sidecar running streams are cut"):
                equal((running.cut(), running.reason()), (UNAVAILABLE, "AUTHORIZATION_UNAVAILABLE"))
    finally:
        if running is not None:
            running.close()
    sidecar.start()
    with case(f"{way}: a sidecar that is back is used again, by itself"):
        eventually("ben is allowed", lambda: client.infer(BEN) == OK)
        matches(client.infer(EVE), NO_GRANT)
