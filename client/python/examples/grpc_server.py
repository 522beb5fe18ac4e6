"""A protected gRPC server of the Open Inference Protocol that answers each inference with its own inputs.

python grpc_server.py [ADDRESS], with a sidecar in ./modelgate-data or on 127.0.0.1:7070.
"""

import asyncio
import sys
from pathlib import Path
from typing import Any

import grpc

from modelgate.aio import ModelgateClient
from modelgate.interceptors import AioInterceptor
from modelgate.protect import Protection


async def infer(request: bytes, context: Any) -> bytes:
    """Yours decodes the request; this one is good as a response."""
    return request


async def serve(address: str) -> None:
    """Serves until it is interrupted."""
    protection = Protection.read(Path(__file__).with_name("protect.yaml"))
    async with ModelgateClient() as client:
        server = grpc.aio.server(interceptors=[AioInterceptor(client, protection)])
        methods: dict[str, Any] = {"ModelInfer": grpc.unary_unary_rpc_method_handler(infer)}
        service = grpc.method_handlers_generic_handler("inference.GRPCInferenceService", methods)
        server.add_generic_rpc_handlers((service,))
        server.add_insecure_port(address)
        await server.start()
        print(f"serving on {address}", flush=True)
        await server.wait_for_termination()


if __name__ == "__main__":
    asyncio.run(serve(sys.argv[1] if len(sys.argv) > 1 else "127.0.0.1:8001"))
