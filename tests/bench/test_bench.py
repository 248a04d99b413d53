"""The benches run, with numbers too small to mean anything."""

import gc

import pytest

from bench import (
    apart,
    append,
    append_postgres,
    due,
    due_postgres,
    growth,
    growth_postgres,
    lives,
    load,
    one_row,
    over_http,
    rebuild,
    rebuild_postgres,
    wire,
)
from bench.measuring import table

BENCHES = [
    append,
    lives,
    rebuild,
    growth,
    due,
    pytest.param(over_http, marks=pytest.mark.slow),
    *(pytest.param(one, marks=pytest.mark.postgres) for one in (append_postgres, one_row, rebuild_postgres)),
    pytest.param(due_postgres, marks=[pytest.mark.slow, pytest.mark.postgres]),
    pytest.param(wire, marks=[pytest.mark.postgres, pytest.mark.kafka]),
    *(pytest.param(one, marks=[pytest.mark.slow, pytest.mark.cluster]) for one in (apart, load, growth_postgres)),
]


@pytest.mark.parametrize("bench", BENCHES, ids=lambda bench: bench.NAME)
async def test_a_bench_measures_something(bench):
    figures = await bench.measure(bench.QUICK)
    gc.collect()  # what it left open is told here, and not in whichever test comes later
    assert all(len(figure.samples) == bench.QUICK.runs for figure in figures)
    assert bench.NAME in table(figures)
