"""Figures from repeated runs, and the table they are shown in."""

import os
import platform
import sqlite3
import subprocess
import sys
import tempfile
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from statistics import median
from time import perf_counter

from deploy.broker.kit import version as kafka_version
from deploy.database import NoPostgres
from deploy.database.binaries import postgres_binaries

FSYNCS = 50


@dataclass(frozen=True)
class Figure:
    """One measured quantity, a sample from each run; `aim` is the landmark it is held against."""

    bench: str
    name: str
    unit: str
    samples: Sequence[float]
    aim: str = ""

    @property
    def median(self) -> float:
        return median(self.samples)


def ratio(bench: str, name: str, over: Sequence[float], under: Sequence[float], aim: str = "") -> Figure:
    """`over` ÷ `under`, run by run: both sides of a run met the same machine."""
    return Figure(bench, name, "×", [one / other for one, other in zip(over, under, strict=True)], aim)


def table(figures: Sequence[Figure]) -> str:
    """The figures as aligned text: median, smallest and largest, number of runs, aim."""
    head = ("bench", "figure", "median", "unit", "min", "max", "runs", "aim")
    body = [
        (f.bench, f.name, _short(f.median), f.unit, _short(min(f.samples)), _short(max(f.samples)), str(len(f.samples)),
         f.aim)
        for f in figures
    ]  # fmt: skip
    widths = [max(_width(row[column]) for row in (head, *body)) for column in range(len(head))]
    right = {2, 4, 5, 6}
    return "\n".join(
        "  ".join(
            " " * (width - _width(cell)) + cell if column in right else cell + " " * (width - _width(cell))
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in (head, tuple("-" * width for width in widths), *body)
    )


def machine() -> str:
    """What the figures were measured on, with the cost of one fsync where the benches write."""
    cpu = next((line.partition(":")[2].strip() for line in _cpuinfo() if line.startswith("model name")), "unknown")
    load = ", ".join(f"{one:.2f}" for one in os.getloadavg())
    return (
        f"{os.cpu_count()} cores of {cpu or platform.machine()}, {platform.system()} {platform.release()}\n"
        f"Python {sys.version.split()[0]}, SQLite {sqlite3.sqlite_version}, load average {load}\n"
        f"{', '.join(_versions())}\n"
        f"write of 4 KiB and fsync in {tempfile.gettempdir()}: {fsync_seconds() * 1e6:.0f} µs (median of {FSYNCS})"
    )


def _versions() -> Iterator[str]:
    """Of what is measured with, as far as it is on this machine."""
    with suppress(NoPostgres, OSError):
        said = subprocess.run(
            [postgres_binaries() / "postgres", "--version"], capture_output=True, text=True, check=True
        )
        yield said.stdout.strip()
    yield f"Kafka {kafka_version()}"
    for package in ("asyncpg", "aiokafka", "pydantic", "fastapi", "sqlmodel", "psycopg", "eventsourcing"):
        with suppress(PackageNotFoundError):
            yield f"{package} {version(package)}"


def say(bench: str, name: str, value: float, unit: str) -> float:
    """Tell a sample at once, for those who watch; returns it."""
    print(f"{bench}: {name} {_short(value)} {unit}", file=sys.stderr, flush=True)
    return value


def fsync_seconds() -> float:
    """The median cost of writing 4 KiB and making them durable."""
    spent = []
    with tempfile.NamedTemporaryFile(prefix="gridcase-bench-") as file:
        for _ in range(FSYNCS):
            began = perf_counter()
            file.write(b"\0" * 4096)
            file.flush()
            os.fsync(file.fileno())
            spent.append(perf_counter() - began)
    return median(spent)


def _cpuinfo() -> list[str]:
    path = Path("/proc/cpuinfo")
    return path.read_text().splitlines() if path.exists() else []


def _short(value: float) -> str:
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(one) in "WF" else 1 for one in text)
