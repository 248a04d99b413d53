"""(f) Create → routed at half of what the cluster can take, and (g) ten times that for some seconds."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from statistics import quantiles
from time import perf_counter
from typing import NamedTuple
from uuid import UUID

from bench import processes
from bench.apart import PATH
from bench.client import Answer, Connection, ask_all, connected, post
from bench.measuring import Figure, say
from bench.open_loop import CREATED, Asked, Stretch, ask_at, due_times
from bench.settling import settled
from bench.texts import bodies
from deploy.cluster.cluster import Cluster
from services.chassis.databases import Databases, open_databases

NAME = "load"
ROUTED = (
    "SELECT r.stream_id, f.recorded_at, s.recorded_at, r.recorded_at FROM es_event r"
    " JOIN es_event f ON f.stream_id = r.stream_id AND f.type = 'PetitionFiled'"
    " JOIN es_event s ON s.stream_id = r.stream_id AND s.type = 'SeverityAssessed'"
    " WHERE r.type = 'PetitionRouted' AND r.stream_id = ANY(:petitions)"
)
AT_ONCE = 5_000
TRY_AGAIN = 503
BEGINNING_SECONDS = 2.0
"""Of the steady stretch, which is not counted."""
LONGEST_SECONDS = 90.0
"""How long to wait for the last petition to be routed."""


class NotFiled(Exception):
    """A petition was not taken."""


class Way(NamedTuple):
    """When a petition was filed, assessed and routed, in seconds from some start."""

    filed: float
    assessed: float
    routed: float

    def since(self, start: float) -> "Way":
        return Way(*(at - start for at in self))


@dataclass(frozen=True)
class Scale:
    """Clients and petitions that find the most it takes; seconds of half of that, of `times` the half, and after."""

    runs: int = 3
    clients: int = 50
    most: int = 4_000
    steady_seconds: float = 20
    spike_seconds: float = 5
    after_seconds: float = 30
    times: int = 10
    connections: int = 4_000


QUICK = Scale(runs=1, clients=2, most=40, steady_seconds=3, spike_seconds=1, after_seconds=2, times=2, connections=50)
FIGURES = {
    "filed and routed at most": ("1/s", ""),
    "half of it, create p50": ("ms", ""),
    "half of it, create p99": ("ms", ""),
    "half of it, create → filed p50": ("ms", ""),
    "half of it, filed → assessed p50": ("ms", ""),
    "half of it, assessed → routed p50": ("ms", ""),
    "half of it, create → routed p50": ("ms", ""),
    "half of it, create → routed p99": ("ms", ""),
    "spike, asked": ("1/s", ""),
    "spike, acknowledged": ("1/s", ""),
    "spike, told to try again": ("1/s", ""),
    "spike, other answers or none": ("", "0"),
    "spike, longest answer": ("s", "≤ 10"),
    "spike, longest wait for a connection": ("s", ""),
    "spike, longest answer once connected": ("s", ""),
    "acknowledged, but not routed in the end": ("", "0"),
    "after the spike, drained in": ("s", ""),
    "after the spike, as before in": ("s", "≤ 30"),
}


async def measure(scale: Scale) -> list[Figure]:
    """Each run starts a cluster anew."""
    samples: dict[str, list[float]] = {name: [] for name in FIGURES}
    for run in range(scale.runs):
        async with processes.cluster() as cluster:
            databases = await open_databases(processes.settings_of(cluster))
            try:
                found = await _run(cluster, databases, scale, run)
            finally:
                await databases.close()
        for name, values in samples.items():
            values.append(say(NAME, name, found[name], FIGURES[name][0]))
    return [Figure(NAME, name, unit, samples[name], aim) for name, (unit, aim) in FIGURES.items()]


async def _run(cluster: Cluster, databases: Databases, scale: Scale, run: int) -> dict[str, float]:
    port = cluster.options.port
    async with connected(port, scale.clients) as clients:
        await at_most(clients, databases, f"warm-{run}", scale.most // 4)
    async with connected(port, scale.clients) as clients:
        most = await at_most(clients, databases, f"most-{run}", scale.most)
    await settled(databases, cluster)
    half = most / 2
    stretches = [
        Stretch(half, scale.steady_seconds),
        Stretch(half * scale.times, scale.spike_seconds),
        Stretch(half, scale.after_seconds),
    ]
    due = list(due_times(stretches))
    requests = [post(PATH, body) for body in bodies(f"load-{run}", len(due))]
    wall, asked = await ask_at(port, scale.connections, due, iter(requests))
    petitions = [one.petition for one in asked if one.petition]
    ways = {one: way.since(wall) for one, way in (await _routed(databases, petitions)).items()}
    return {"filed and routed at most": most} | _figures(scale, asked, ways)


def _figures(scale: Scale, asked: Sequence[Asked], ways: Mapping[UUID, Way]) -> dict[str, float]:
    """`ways`: in seconds from the start of the load."""
    routed = {petition: way.routed for petition, way in ways.items()}
    spike_begins, spike_ends = scale.steady_seconds, scale.steady_seconds + scale.spike_seconds
    steady = [one for one in asked if BEGINNING_SECONDS <= one.due < spike_begins]
    spike = [one for one in asked if spike_begins <= one.due < spike_ends]
    took = {one: routed[one.petition] - one.due for one in asked if one.petition in routed}
    created, through = _cuts([one.seconds for one in steady]), _cuts([took[one] for one in steady if one in took])
    hops = [_hops(one.due, ways[one.petition]) for one in steady if one.petition in ways]
    filed, assessed, placed = (_cuts([hop[place] for hop in hops])[49] for place in range(3))
    until_spike_ends = [routed[one.petition] for one in asked if one.due < spike_ends and one.petition in routed]
    return {
        "half of it, create p50": created[49] * 1000,
        "half of it, create p99": created[98] * 1000,
        "half of it, create → filed p50": filed * 1000,
        "half of it, filed → assessed p50": assessed * 1000,
        "half of it, assessed → routed p50": placed * 1000,
        "half of it, create → routed p50": through[49] * 1000,
        "half of it, create → routed p99": through[98] * 1000,
        "spike, asked": len(spike) / scale.spike_seconds,
        "spike, acknowledged": sum(one.petition is not None for one in spike) / scale.spike_seconds,
        "spike, told to try again": sum(one.status == TRY_AGAIN for one in spike) / scale.spike_seconds,
        "spike, other answers or none": sum(one.petition is None and one.status != TRY_AGAIN for one in asked),
        "spike, longest answer": max(one.seconds for one in asked),
        "spike, longest wait for a connection": max(one.seconds - one.answering for one in asked),
        "spike, longest answer once connected": max(one.answering for one in asked),
        "acknowledged, but not routed in the end": sum(one.petition not in routed for one in asked if one.petition),
        "after the spike, drained in": max(0.0, max(until_spike_ends) - spike_ends),
        "after the spike, as before in": _as_before(took, through[98], spike_ends, scale.after_seconds),
    }


def _hops(due: float, way: Way) -> tuple[float, float, float]:
    """The seconds until it was filed, from then until assessed, from then until routed."""
    return way.filed - due, way.assessed - way.filed, way.routed - way.assessed


def _as_before(took: Mapping[Asked, float], p99: float, ends: float, seconds: float) -> float:
    """Seconds after the spike until, second by second, 19 of 20 petitions are routed within twice the `p99` of before
    it."""
    for second in reversed(range(int(seconds))):
        those = [took[one] for one in took if ends + second <= one.due < ends + second + 1]
        if len(those) < 2 or quantiles(those, n=20)[18] > 2 * p99:
            return second + 1
    return 0


async def at_most(clients: Sequence[Connection], databases: Databases, series: str, count: int) -> float:
    """Petitions a second, filed by clients that send the next as soon as one is answered, until the last is routed."""
    requests = [post(PATH, body) for body in bodies(series, count)]
    began = perf_counter()
    answers = await ask_all(clients, requests)
    await _routed(databases, [petition_of(answer) for answer in answers])
    return count / (perf_counter() - began)


def petition_of(answer: Answer) -> UUID:
    """The petition that was filed; raises NotFiled."""
    if answer.status != CREATED:
        raise NotFiled(f"{answer.status} after {answer.seconds:.1f} s: {answer.body.decode(errors='replace')}")
    return UUID(answer.json["id"])


async def _routed(databases: Databases, petitions: Collection[UUID]) -> dict[UUID, Way]:
    """The way of each, in seconds since 1970; waits for those that are not routed, but not for ever."""
    found: dict[UUID, Way] = {}
    end = perf_counter() + LONGEST_SECONDS
    while (missing := [one for one in petitions if one not in found]) and perf_counter() < end:
        for first in range(0, len(missing), AT_ONCE):
            rows = await databases.engine.query(ROUTED, {"petitions": missing[first : first + AT_ONCE]})
            found |= {petition: Way(*(at / 1_000_000 for at in times)) for petition, *times in rows}
        await asyncio.sleep(0.1 if len(found) < len(petitions) else 0)
    return found


def _cuts(values: list[float]) -> list[float]:
    return quantiles(values, n=100)
