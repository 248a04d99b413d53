"""`python -m bench [NAME …] [--quick] [--runs N] [--profile NAME]`: the landmarks, measured on this machine.

Nothing is written into the project: data directories are made below TMPDIR and removed. See bench/README.md.
"""

import argparse
import asyncio
import gc
import os
import signal
import sys
from collections.abc import Coroutine
from dataclasses import replace
from time import perf_counter
from typing import Any, TypeVar

import uvloop

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
from bench.measuring import Figure, machine, table
from services.server import COLLECT_EVERY

T = TypeVar("T")
IN_ONE_PROCESS: dict[str, Any] = {module.NAME: module for module in (append, lives, over_http, rebuild, growth, due)}
APART = (append_postgres, one_row, apart, wire, load, growth_postgres, rebuild_postgres, due_postgres)
BENCHES = IN_ONE_PROCESS | {module.NAME: module for module in APART}
MOST_LINES = 25


def main() -> None:
    """Measure what was asked for, print one table."""
    asked = _arguments().parse_args()
    gc.freeze()  # the collector as `gridcase up` sets it, for both sides of what runs in this process
    gc.set_threshold(*COLLECT_EVERY)
    if asked.profile:
        if not hasattr(BENCHES[asked.profile], "profiled"):
            sys.exit(f"{asked.profile} runs in many processes: see the end of bench/README.md")
        stats = _run(BENCHES[asked.profile].profiled(_scale(asked.profile, asked)))
        stats.sort_stats("tottime").print_stats(MOST_LINES)
        return
    print(machine(), flush=True)
    figures: list[Figure] = []
    for name in asked.names or IN_ONE_PROCESS:
        began = perf_counter()
        figures += _run(BENCHES[name].measure(_scale(name, asked)))
        took, load = perf_counter() - began, os.getloadavg()[0]
        print(f"{name} took {took:.0f} s, load average now {load:.2f}", file=sys.stderr)
    print(f"\n{table(figures)}")


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("names", nargs="*", type=_known, metavar="NAME", help=f"of {', '.join(BENCHES)}")
    parser.add_argument(
        "--quick", action="store_true", help="tiny numbers: does it run at all? The figures mean nothing"
    )
    parser.add_argument("--runs", type=int, help="runs of each bench; the medians need 5 or more")
    parser.add_argument("--profile", choices=list(BENCHES), help="instead: where the gridcase side of one bench works")
    return parser


def _known(name: str) -> str:
    if name not in BENCHES:
        raise argparse.ArgumentTypeError(f"there is no bench {name}; there are {', '.join(BENCHES)}")
    return name


def _scale(name: str, asked: argparse.Namespace) -> Any:
    scale = BENCHES[name].QUICK if asked.quick else BENCHES[name].Scale()
    return replace(scale, runs=asked.runs) if asked.runs else scale


def _run(work: Coroutine[Any, Any, T]) -> T:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        # Servers and processes that it started must end with it, also when it is told to by `timeout`.
        runner.get_loop().add_signal_handler(signal.SIGTERM, signal.raise_signal, signal.SIGINT)
        return runner.run(work)


if __name__ == "__main__":
    main()
