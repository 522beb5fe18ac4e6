"""A model that streams for as long as somebody listens, as those that make tokens do."""

import asyncio
from collections.abc import AsyncIterator

from mlserver import MLModel
from mlserver.codecs import StringCodec
from mlserver.types import InferenceRequest, InferenceResponse

PAUSE_SECONDS = 0.02


class Ticker(MLModel):
    """Answers the first request with tokens without end."""

    async def predict_stream(self, payloads: AsyncIterator[InferenceRequest]) -> AsyncIterator[InferenceResponse]:
        async for _ in payloads:
            token = 0
            while True:
                yield InferenceResponse(model_name=self.name, outputs=[StringCodec.encode_output("token", [str(token)])])
                token += 1
                await asyncio.sleep(PAUSE_SECONDS)
