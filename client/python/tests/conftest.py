from __future__ import annotations

from collections.abc import Iterator

import pytest

from sidecar import FakeSidecar


@pytest.fixture
def sidecar() -> Iterator[FakeSidecar]:
    fake = FakeSidecar()
    yield fake
    fake.stop()
