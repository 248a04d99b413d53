"""`Prefer: wait=N` as RFC 7240 writes it."""

import pytest
from starlette.requests import Request

from services.chassis.door import wanted_wait


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ([], 0.0),
        (["wait=5"], 5.0),
        (["Wait = 5"], 5.0),
        (['wait="5"'], 5.0),
        (["wait=5; x=y"], 5.0),
        (['respond-async; a="b, wait=9", wait=5;x'], 5.0),
        (["respond-async", "wait=5"], 5.0),
        (["wait=5, wait=9"], 5.0),
        (["foo; wait=9"], 0.0),
        (['foo="wait=9'], 0.0),
        (['foo="\\", wait=9"'], 0.0),
        (["wait=31"], 30.0),
        (["wait=" + "9" * 5_000], 30.0),
        (["wait=x"], 0.0),
        (["wait"], 0.0),
        (["wait=-1"], 0.0),
        (["wait=²"], 0.0),
        (["wait=1e9"], 0.0),
        (['"' * 60_000], 0.0),
        (['"\\' * 30_000], 0.0),
    ],
)
def test_how_long_a_caller_wants_to_wait(headers: list[str], seconds: float):
    raw = [(b"prefer", header.encode("latin-1")) for header in headers]
    assert wanted_wait(Request({"type": "http", "headers": raw})) == seconds
