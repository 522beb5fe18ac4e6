"""The cases that Java, Python and Go all run: client/protocols/vectors.yaml."""

from __future__ import annotations

import functools
import json
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from modelgate.protect import (
    HttpRequest,
    Listing,
    Malformed,
    NeedsBody,
    Open,
    Outcome,
    Protection,
    ProtectionError,
    Targets,
    Unmapped,
)

VECTORS: dict[str, Any] = yaml.load(
    (Path(__file__).parents[2] / "protocols/vectors.yaml").read_text("utf-8"), getattr(yaml, "CBaseLoader", yaml.BaseLoader)
)

TOLD: dict[type, Callable[[Any], dict[str, Any]]] = {
    Open: lambda outcome: {"is": "open"},
    Unmapped: lambda outcome: {"is": "unmapped"},
    Malformed: lambda outcome: {"is": "malformed"},
    NeedsBody: lambda outcome: {"is": "needs-body"},
    Listing: lambda outcome: {"is": "listing", "list": outcome.list, "action": outcome.action},
    Targets: lambda outcome: {"is": "targets", "targets": {(each.resource, each.action) for each in outcome.targets}},
}


@functools.cache
def document(name: str) -> Protection:
    return Protection.parse(VECTORS["documents"][name], name)


def expect(case: dict[str, Any], outcome: Outcome) -> None:
    expected = dict(case["outcome"])
    if "targets" in expected:
        expected["targets"] = {(each["resource"], each["action"]) for each in expected["targets"]}
    assert TOLD[type(outcome)](outcome) == expected, outcome


def cases(part: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("case", VECTORS[part], ids=lambda case: str(case.get("name", case.get("line"))))


@cases("grpc")
def test_grpc(case: dict[str, Any]) -> None:
    rule = document(case["document"]).method(case["method"])
    expect(case, Unmapped("no rule") if rule is None else rule.read(bytes.fromhex(case["message"])))


@cases("http")
def test_http(case: dict[str, Any]) -> None:
    method, _, target = case["request"].partition(" ")
    headers = tuple((name, value) for name, value in case.get("headers", ()))
    body = case["body"].encode() if "body" in case else bytes.fromhex(case["body-hex"]) if "body-hex" in case else None
    complete = case.get("complete", "true") == "true"
    expect(case, document(case["document"]).http(HttpRequest(method, target, headers), body, complete=complete))


@cases("names")
def test_names(case: dict[str, Any]) -> None:
    assert document("oip").resource(case["model"]) == f"organizations/acme/models/{case['id']}"


@cases("refused")
def test_refused(case: dict[str, Any]) -> None:
    with pytest.raises(ProtectionError) as refused:
        Protection.parse(case["document"], "p.yaml")
    line = re.match(r"p\.yaml, line (\d+): ", str(refused.value))
    assert line is not None and line[1] == case["line"], refused.value


def test_model_of_another_wire_type_is_malformed() -> None:
    """Hazard 36: two numbers, which are the text `(1` to who takes the first for a length."""
    rule = document("oip").method("inference.GRPCInferenceService/ModelInfer")
    assert rule is not None
    assert isinstance(rule.read(bytes.fromhex("08022831")), Malformed)


@pytest.mark.parametrize(
    "body",
    [
        b'{"model":"' + b'\\"' * 500_000,
        b'{"model":"' + b'\\"' * 500_000 + b"\\",
        b'"' * 1_000_000,
        b'{"model":"x"' + b',"m":0' * 170_000 + b"}",
        b"[" * 1_000_000,
    ],
    ids=["escapes without an end", "an escape of nothing", "quotes alone", "many keys", "brackets alone"],
)
def test_a_body_costs_no_more_than_its_length(body: bytes) -> None:
    """An event loop reads it: what took the square of its length here would hold all other requests for hours.

    Counted in CPU time of this thread, and a hundred times what it takes.
    """
    headers = (("content-type", "application/json"),)
    before = time.thread_time()
    document("openai").http(HttpRequest("POST", "/v1/chat/completions", headers), body)
    assert time.thread_time() - before < 20


def test_keys_that_some_parser_takes_for_the_model_are_malformed() -> None:
    """Of the rules of case also those that make more characters of one, or one of more."""
    protection = Protection.parse(
        "parent: organizations/acme\nhttp: [{request: POST /x, action: predict, body: {model: kiss_id}}]\n"
    )
    headers = (("content-type", "application/json"),)
    for key in ("KISS_ID", "\u212aiss_id", "ki\u00df_id", "kiss_\u0130d", "k\u0131ss_id", "ki\u017fs_id"):
        body = json.dumps({key: "a", "kiss_id": "b"}).encode()
        assert isinstance(protection.http(HttpRequest("POST", "/x", headers), body), Malformed), key
