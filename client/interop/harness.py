"""What the parts share: cases, processes, free ports, bounded waits, and a real sidecar.

A part is a script:

    from harness import Sidecar, case, done, eventually

    with Sidecar() as sidecar:
        sidecar.organization("acme")
        with case("ben is allowed"):
            ...
    done()

A case that raises is printed as FAILED with the reason and the part goes on. Every process is started in the part's own
process group, with its output in NAME.log of the current directory, and is ended with its `with` block.
"""

from __future__ import annotations

import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import time
import traceback
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

ROOT = pathlib.Path(os.environ["INTEROP_ROOT"])
START_SECONDS = 60.0  # bound of the start of any process: two busy cores are slow
END_SECONDS = 20.0  # bound of an orderly end, after which it is killed
SETTLE_SECONDS = 30.0  # bound of what must come by itself, such as a recovery

T = TypeVar("T")
_failed = 0


class EndedError(Exception):
    """A process that was to serve has ended; no waiting helps."""


@contextmanager
def case(name: str) -> Iterator[None]:
    """One case: prints `ok NAME`, or `FAILED NAME: WHY` if the block raises, and goes on."""
    global _failed
    try:
        yield
    except Exception as e:  # noqa: BLE001, a case may fail in any way
        _failed += 1
        why = " ".join(f"{type(e).__name__}: {e}".split())
        print(f"FAILED {name}: {why[:500]}", flush=True)
        traceback.print_exc()
    else:
        print(f"ok {name}", flush=True)


def done() -> None:
    """Ends the part."""
    sys.exit(1 if _failed else 0)


def eventually(what: str, attempt: Callable[[], T], seconds: float = SETTLE_SECONDS) -> T:
    """Repeats until `attempt` returns something true without raising, at most `seconds`; fails with its last failure."""
    end = time.monotonic() + seconds
    last: object = None
    while True:
        try:
            result = attempt()
            if result:
                return result
            last = result
        except EndedError:
            raise
        except Exception as e:  # noqa: BLE001, whatever it is, it may pass
            last = e
        if time.monotonic() > end:
            raise AssertionError(f"{what}: not within {seconds:.0f} s: {last!r}")
        time.sleep(0.02)


def free_port() -> int:
    """A port that nobody had a moment ago, for servers that cannot say which one they took."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Process:
    """A process with its output in NAME.log, which ends with the `with` block."""

    def __init__(self, name: str, command: Sequence[str | os.PathLike[str]], env: dict[str, str] | None = None) -> None:
        self.name = name
        self.log = pathlib.Path(f"{name}.log").absolute()
        self._mark = self.log.stat().st_size if self.log.exists() else 0
        with self.log.open("ab") as out:
            self.process = subprocess.Popen(
                [os.fspath(c) for c in command],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                env=os.environ | (env or {}),
            )

    def output(self) -> str:
        """What this process, not an earlier one of the name, has printed."""
        with self.log.open("rb") as f:
            f.seek(self._mark)
            return f.read().decode(errors="replace")

    def until(self, what: str, attempt: Callable[[], T], seconds: float = START_SECONDS) -> T:
        """As eventually(), but raises EndedError at once when the process has ended."""

        def alive() -> T:
            if self.process.poll() is not None:
                raise EndedError(f"{self.name} ended with {self.process.returncode}: {self.output()[-400:]}")
            return attempt()

        return eventually(what, alive, seconds)

    def until_port(self, port: int) -> None:
        """Waits until somebody listens."""

        def connect() -> bool:
            with socket.create_connection(("127.0.0.1", port), timeout=1):
                return True

        self.until(f"{self.name} listens on {port}", connect)

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        """Ends it, with SIGKILL if need be."""
        if self.process.poll() is None:
            self.process.send_signal(how)
        try:
            self.process.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def __enter__(self) -> Process:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


def java(*arguments: str | os.PathLike[str]) -> list[str]:
    """The command line of one Java process, which needs no second one for its heap."""
    options = ["-Xmx192m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"]
    return [f"{os.environ['JAVA_HOME']}/bin/java", *options, *map(os.fspath, arguments)]


class Sidecar:
    """A sidecar on free ports and a unix socket, which stay the same when it starts again."""

    def __init__(self, *flags: str, name: str = "sidecar") -> None:
        self.name = name
        self.data = pathlib.Path(f"{name}-data").absolute()
        self.socket = self.data / "modelgate.sock"
        self.port = self.admin_port = self.http_port = 0
        self.flags = flags
        self.process: Process | None = None

    def start(self) -> Sidecar:
        """Starts it, for the first time or again, and waits until it serves."""
        process = Process(
            self.name,
            [
                *java("-jar", os.environ["MODELGATE_JAR"], "serve", "--data", self.data),
                *("--port", str(self.port), "--admin-port", str(self.admin_port), "--http-port", str(self.http_port)),
                *self.flags,
            ],
        )
        self.process = process
        process.until("the sidecar serves", lambda: "\nserving" in process.output())
        for line in process.output().splitlines():
            for plane in "data plane", "admin plane", "http":
                if line.startswith(f"{plane} 127.0.0.1:"):
                    setattr(self, {"data plane": "port", "admin plane": "admin_port", "http": "http_port"}[plane], int(line.rsplit(":", 1)[1]))
        return self

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        """Stops it in order, or kills it."""
        if self.process is not None:
            self.process.stop(how)

    def __enter__(self) -> Sidecar:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def admin(self, method: str, request: dict[str, object]) -> dict[str, object]:
        """Calls the admin service as the system administrator, with grpcurl; returns after its acknowledgement."""
        token = (self.data / "admin.token").read_text().strip()
        reply = grpcurl(
            *("-H", f"authorization: Bearer {token}", "-d", json.dumps(request)),
            *(f"127.0.0.1:{self.admin_port}", f"modelgate.v1.AdminService/{method}"),
        )
        return dict(json.loads(reply))

    def organization(self, organization: str, *models: str) -> None:
        """Makes an organization with models that belong to ana."""
        self.admin("CreateOrganization", {"organization_id": organization})
        for model in models:
            self.admin("CreateResource", {"name": f"organizations/{organization}/models/{model}", "owner": "user:ana@acme.com"})

    def grant(self, model: str, principal: str, role: str = "user") -> None:
        """Gives a role on a model, by its full name."""
        self._change(model, {"mode": "MODE_SET", "principal": principal, "role": role})

    def revoke(self, model: str, principal: str) -> None:
        """Takes what is granted on the model itself; returns when it holds."""
        self._change(model, {"mode": "MODE_REMOVE", "principal": principal})

    def _change(self, model: str, change: dict[str, str]) -> None:
        self.admin("UpdateGrants", {"resource": model, "changes": [change]})


def install_client() -> pathlib.Path:
    """Installs client/python as its users do; the directory for the PYTHONPATH of servers.

    Not into the environment that all share, so that it is always the present one and that none but servers use it.
    """
    package, target = pathlib.Path("client-python").absolute(), pathlib.Path("site").absolute()
    # From a copy, so that nothing is built into the repository.
    shutil.copytree(ROOT / "client/python", package, ignore=shutil.ignore_patterns("build", "*.egg-info", "__pycache__"))
    pip = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--no-build-isolation", "--target", target, package]
    subprocess.run(pip, check=True, timeout=START_SECONDS, stdout=sys.stderr)
    return target


def grpcurl(*arguments: str) -> str:
    """Runs grpcurl without TLS; what it prints, or AssertionError with what it complains of."""
    call = subprocess.run(["grpcurl", "-plaintext", "-max-time", "20", *arguments], capture_output=True, text=True, check=False)
    assert call.returncode == 0, f"grpcurl {arguments[-1]}: {call.stderr.strip()}"
    return call.stdout


def http(method: str, url: str, body: object = None, **headers: str) -> tuple[int, str]:
    """One request with the standard library: status and body. Headers by keyword, with _ for -."""
    request = urllib.request.Request(
        url,
        method=method,
        data=None if body is None else json.dumps(body).encode(),
        headers={name.replace("_", "-"): value for name, value in headers.items()}
        | ({} if body is None else {"content-type": "application/json"}),
    )
    try:
        with urllib.request.urlopen(request, timeout=20) as response:
            return response.status, response.read().decode()
    except urllib.error.HTTPError as e:
        with e:
            return e.code, e.read().decode()


def equal(actual: object, expected: object) -> None:
    """Fails with both."""
    assert actual == expected, f"{actual!r} (expected: {expected!r})"
