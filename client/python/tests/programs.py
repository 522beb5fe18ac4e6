"""Programs that tests start and end."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

START_S = 60


@contextmanager
def running(command: Sequence[str | Path], directory: Path, ready: str) -> Iterator[list[str]]:
    """Starts a program, waits for a line with that pattern, gives the lines so far, and ends it at last."""
    environment = {**os.environ, "PYTHONUNBUFFERED": "1", "PYTHONDONTWRITEBYTECODE": "1"}
    with subprocess.Popen(
        list(map(str, command)), cwd=directory, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    ) as program:
        assert program.stdout is not None
        bound = threading.Timer(START_S, program.kill)
        bound.start()
        lines: list[str] = []
        try:
            for line in program.stdout:
                lines.append(line.rstrip())
                if re.search(ready, line):
                    break
            else:
                raise AssertionError("\n".join(lines))
            bound.cancel()
            threading.Thread(target=program.stdout.read, daemon=True).start()
            yield lines
        finally:
            bound.cancel()
            program.kill()
            program.wait()


@contextmanager
def uvicorn(application: str, directory: Path, socket: Path) -> Iterator[None]:
    """Serves an application on a unix socket."""
    command = [sys.executable, "-m", "uvicorn", application, "--uds", socket]
    with running([str(each) for each in command], directory, "Uvicorn running"):
        yield
