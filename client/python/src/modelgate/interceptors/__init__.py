"""Server interceptors: `Interceptor` for `grpc.server`, `AioInterceptor` for `grpc.aio.server`."""

from modelgate.interceptors._aio import AioInterceptor
from modelgate.interceptors._sync import Interceptor

__all__ = ["AioInterceptor", "Interceptor"]
