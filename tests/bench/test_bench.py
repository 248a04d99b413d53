"""The benches run, with numbers too small to mean anything."""

import pytest

from bench import append, growth, lives, over_http, rebuild
from bench.measuring import table

BENCHES = [append, lives, rebuild, growth, pytest.param(over_http, marks=pytest.mark.slow)]


@pytest.mark.parametrize("bench", BENCHES, ids=lambda bench: bench.NAME)
async def test_a_bench_measures_something(bench):
    figures = await bench.measure(bench.QUICK)
    assert all(len(figure.samples) == bench.QUICK.runs for figure in figures)
    assert bench.NAME in table(figures)
