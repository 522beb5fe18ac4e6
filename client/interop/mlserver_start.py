"""Starts MLServer with Modelgate's interceptor in its gRPC server: python mlserver_start.py DIRECTORY

MLServer has no setting for interceptors, so the gRPC server that it makes gets one more here. MODELGATE_PROTECT names the
protection document, MODELGATE_SOCKET the sidecar's socket. Its HTTP port is not protected by this.
"""

import os
import sys
from typing import Any

import grpc.aio
import mlserver.cli
import mlserver.grpc.server
from modelgate.aio import ModelgateClient
from modelgate.interceptors import AioInterceptor
from modelgate.protect import Protection

DEADLINE_MS = 1_000
"""Ours is 50, which two cores that run everything cannot promise."""


class ProtectedAio:
    """What MLServer uses of grpc.aio."""

    @staticmethod
    def server(*arguments: Any, interceptors: Any = (), **options: Any) -> grpc.aio.Server:
        """A server that asks the sidecar first; MLServer calls this on its event loop."""
        client = ModelgateClient(socket=os.environ["MODELGATE_SOCKET"], deadline_ms=DEADLINE_MS)
        protection = Protection.read(os.environ["MODELGATE_PROTECT"])
        return grpc.aio.server(*arguments, interceptors=[AioInterceptor(client, protection), *interceptors], **options)


mlserver.grpc.server.aio = ProtectedAio
sys.argv[1:1] = ["start"]
mlserver.cli.main()
