"""Modelgate in front of a Python prediction server.

`ModelgateClient` asks a sidecar; `modelgate.aio` has the same for asyncio. No answer but an explicit allow lets anything
pass, and no failure raises where a denial is meant.
"""

from modelgate.answer import Answer, CheckError, Outcome, Question
from modelgate.client import ModelgateClient, Watch
from modelgate.endpoint import Tls

__all__ = ["Answer", "CheckError", "ModelgateClient", "Outcome", "Question", "Tls", "Watch"]
