"""A server in the shape of OpenAI's API behind the ASGI middleware: python openai_server.py PORT

It knows three models, and answers a chat with tokens: as many as `max_tokens` says, without end if it says nothing.
MODELGATE_PROTECT names the protection document, MODELGATE_SOCKET the sidecar's socket.
"""

import asyncio
import json
import os
import sys
import time
from collections.abc import AsyncIterator
from typing import Any

import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import StreamingResponse
from modelgate.aio import ModelgateClient
from modelgate.asgi import ModelgateMiddleware
from modelgate.protect import Protection

PAUSE_SECONDS = 0.02
DEADLINE_MS = 1_000
"""Ours is 50, which two cores that run everything cannot promise."""
MODELS = "llama", "llama/lora-7", "mistral"

app = FastAPI()


@app.get("/health")
async def health() -> dict[str, str]:
    """Open."""
    return {"status": "ok"}


@app.get("/admin/keys")
async def keys() -> dict[str, str]:
    """What no protocol names, so nobody must ever see it."""
    return {"secret": "everything"}


@app.get("/v1/models")
async def models() -> dict[str, Any]:
    """All of them: the middleware takes away what the caller may not see."""
    return {"object": "list", "data": [{"id": model, "object": "model", "created": 0, "owned_by": "acme"} for model in MODELS]}


@app.post("/v1/chat/completions")
async def chat(request: Request) -> Any:
    """Tokens, at once or as they come."""
    asked = await request.json()
    tokens = asked.get("max_tokens")
    head = {"id": "chat-1", "created": int(time.time()), "model": asked["model"]}
    if not asked.get("stream"):
        message = {"role": "assistant", "content": "tick " * tokens}
        return head | {"object": "chat.completion", "choices": [{"index": 0, "finish_reason": "stop", "message": message}]}

    async def events() -> AsyncIterator[str]:
        count = 0
        while tokens is None or count < tokens:
            choice = {"index": 0, "delta": {"content": "tick "}, "finish_reason": None}
            yield f"data: {json.dumps(head | {'object': 'chat.completion.chunk', 'choices': [choice]})}\n\n"
            count += 1
            await asyncio.sleep(PAUSE_SECONDS)
        yield "data: [DONE]\n\n"

    return StreamingResponse(events(), media_type="text/event-stream")


app.add_middleware(
    ModelgateMiddleware,
    client=ModelgateClient(socket=os.environ["MODELGATE_SOCKET"], deadline_ms=DEADLINE_MS),
    protection=Protection.read(os.environ["MODELGATE_PROTECT"]),
)
uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), log_level="info")
