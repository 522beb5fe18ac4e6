"""A protected FastAPI server in the shape of OpenAI's API, whose models say what they were told.

uvicorn fastapi_server:app, with a sidecar in ./modelgate-data or on 127.0.0.1:7070.
"""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from fastapi.responses import StreamingResponse

from modelgate.aio import ModelgateClient
from modelgate.asgi import ModelgateMiddleware
from modelgate.protect import Protection

MODELS = ("fraud", "churn")
TOKENS_PER_SECOND = 20

app = FastAPI()
app.add_middleware(
    ModelgateMiddleware,
    client=ModelgateClient(),
    protection=Protection.read(Path(__file__).with_name("protect.yaml")),
)


@app.get("/v1/models")
async def models() -> dict[str, Any]:
    """All of them; the caller sees those that he may discover."""
    return {"object": "list", "data": [{"id": each, "object": "model", "created": 0, "owned_by": "acme"} for each in MODELS]}


@app.post("/v1/chat/completions", response_model=None)
async def complete(request: dict[str, Any]) -> dict[str, Any] | StreamingResponse:
    """Repeats the last message, once as a whole or without end as a stream."""
    said = request["messages"][-1]["content"]
    if request.get("stream"):
        return StreamingResponse(_tokens(request["model"], said), media_type="text/event-stream")
    choice = {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": said}}
    return {"id": "1", "object": "chat.completion", "created": 0, "model": request["model"], "choices": [choice]}


async def _tokens(model: str, said: str) -> AsyncIterator[str]:
    while True:
        choice = {"index": 0, "finish_reason": None, "delta": {"content": said}}
        chunk = {"id": "1", "object": "chat.completion.chunk", "created": 0, "model": model, "choices": [choice]}
        yield f"data: {json.dumps(chunk)}\n\n"
        await asyncio.sleep(1 / TOKENS_PER_SECOND)
