"""A large batch is read line by line: it stands in memory once."""

import json
import tracemalloc
from types import SimpleNamespace
from typing import Any, cast

from intake.api import _results
from services.chassis.crowd import Turns

NO_RUNTIME = cast("Any", SimpleNamespace(lines=Turns(100)))


async def test_the_first_results_come_without_a_copy_of_the_batch():
    body = b"no json\n" * 200_000
    tracemalloc.start()
    try:
        first = await anext(_results(body, NO_RUNTIME, chinese=False))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert [json.loads(line)["line"] for line in first.splitlines()] == list(range(1, 101))
    assert peak < len(body)


async def test_lines_keep_their_numbers_whatever_stands_between_them():
    body = b"\n\r\nx\n \nx" + b"\n" * 300 + b"x"
    results = b"".join([part async for part in _results(body, NO_RUNTIME, chinese=False)])
    assert [json.loads(line)["line"] for line in results.splitlines()] == [3, 5, 305]
