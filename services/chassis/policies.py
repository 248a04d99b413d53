"""Every policy version that was ever in force here; decisions name theirs, so old ones can always be explained."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

import structlog

from schemas.event import AnyRecorded
from schemas.policy import Policy, PolicyBundle
from services.chassis.clock import Time, from_micros, micros
from services.chassis.dead_letters import describe
from services.chassis.deciding import Rejected
from services.chassis.keep_going import keep_going
from services.chassis.making_many import making_many
from services.chassis.names import Names
from services.chassis.policy_pieces import bundle_of
from services.chassis.store.engine import Engine, Statement, Transaction

PUBLISH = (
    "INSERT INTO policy VALUES (:version, :digest, :imported_at, :bundle, :effective_from, :published_by,"
    " :approved_by, :reason) ON CONFLICT DO NOTHING"
)
NEWER = "SELECT version, bundle, effective_from FROM policy WHERE version > :known ORDER BY version"
LATEST = "SELECT version, digest, effective_from FROM policy ORDER BY version DESC LIMIT 1"
DIGEST = "SELECT digest FROM policy WHERE version = :version"
LOOK_SECONDS = 1.0
"""How often to look for what another process put in force."""
log = structlog.get_logger()


class NoPolicy(Exception):
    """Nothing was imported yet, so nothing can be decided."""

    def __init__(self) -> None:
        super().__init__(
            "no district was imported yet: run `gridcase import DIRECTORY` (a sample: deploy/districts/ganjingzi)"
            " / 尚未导入辖区：请先运行 gridcase import 目录"
        )


class NotTheBasis(Rejected):
    """Another version was published since the bundle was proposed."""

    code = "policy_moved"

    def en(self) -> str:
        return "Another version was published meanwhile; compare with it (`gridcase policy diff`) and propose anew."

    def zh(self) -> str:
        return "期间已发布新的规则版本，请先比对（gridcase policy diff）再重新提出。"


@dataclass(frozen=True, slots=True)
class Terms:
    """From when a version counts (None: at once), who published it, who agreed to it, and why."""

    effective_from: datetime | None = None
    published_by: str | None = None
    approved_by: str | None = None
    reason: str | None = None


AT_ONCE = Terms()


class PolicyBook:
    """The versions. In force is the newest that is effective by now: whatever is published later goes before it."""

    def __init__(self, engine: Engine, time: Time) -> None:
        self._engine = engine
        self._time = time
        self._versions: dict[int, Policy] = {}
        self._since: dict[int, int] = {}
        self._publishing, self._opening = asyncio.Lock(), asyncio.Lock()
        self._builders: list[Callable[[Policy], object]] = []

    async def build_ahead(self, builders: Iterable[Callable[[Policy], object]]) -> None:
        """From now on have these build what they need of a version before it counts here, so that nobody waits for it;
        at once for the version in force and those that are planned."""
        async with self._opening:
            self._builders.extend(builders)
            await asyncio.to_thread(self._build, dict(self._versions), dict(self._since))

    async def open(self) -> None:
        """Read the versions kept in the store that it does not know yet."""
        async with self._opening:
            rows = await self._engine.query(NEWER, {"known": max(self._versions, default=0)})
            if rows:
                self._versions, self._since = await asyncio.to_thread(self._made_of, rows)

    def _made_of(self, rows: Sequence[Any]) -> tuple[dict[int, Policy], dict[int, int]]:
        with making_many(sum(len(text) for _, text, _ in rows)):
            return self._with(rows)

    def _with(self, rows: Sequence[Any]) -> tuple[dict[int, Policy], dict[int, int]]:
        versions, since = dict(self._versions), dict(self._since)
        for version, text, counts_from in rows:
            bundle = bundle_of(text)
            versions[version] = Policy(version, bundle, versions.get(version - 1))
            since[version] = counts_from
        self._build({version: versions[version] for version, *_ in rows}, since)
        return versions, since

    def _build(self, versions: Mapping[int, Policy], since: Mapping[int, int]) -> None:
        now = self._time.now()
        for version, policy in versions.items():
            if since[version] > micros(now) or version == _in_force(since, now):
                for build in self._builders:
                    self._build_one(build, policy)

    def _build_one(self, build: Callable[[Policy], object], policy: Policy) -> None:
        try:
            build(policy)
        except Exception as error:  # whoever decides by it meets the same, and that stops nobody else
            log.warning("not_built_ahead", policy=policy.version, error=describe(error))

    async def know(self, recorded: Iterable[AnyRecorded]) -> None:
        """Read again when one of these events names a version that another process put in force a moment ago."""
        named = max((vars(one.event).get("policy") or 0 for one in recorded), default=0)
        if named > max(self._versions, default=0):
            await self.open()

    @property
    def empty(self) -> bool:
        """Whether no version is in force."""
        return _in_force(self._since, self._time.now()) is None

    @property
    def current(self) -> Policy:
        """The version in force; raises NoPolicy."""
        return self.at(self._time.now())

    def at(self, moment: datetime) -> Policy:
        """The version in force at a moment, for who decides as of then; raises NoPolicy."""
        version = _in_force(self._since, moment)
        if version is None:
            raise NoPolicy
        return self._versions[version]

    def voided_by(self, since: datetime | None) -> Mapping[Policy, datetime]:
        """The planned versions that would never count once a next one counts from that moment (None: at once), each
        with the moment from which it would have."""
        now = self._time.now()
        begins = micros(now if since is None else since)
        planned = {version: counts_from for version, counts_from in self._since.items() if counts_from > micros(now)}
        return {
            self._versions[version]: from_micros(counts_from)
            for version, counts_from in planned.items()
            if counts_from >= begins and _in_force(self._since, from_micros(counts_from)) == version
        }

    @property
    def newest(self) -> int:
        """The number of the version published last, effective or not; 0 before the first."""
        return max(self._versions, default=0)

    def version(self, number: int) -> Policy:
        """A version that an event names."""
        return self._versions[number]

    def names(self, version: int | None = None) -> Names:
        """What codes are called in this version, by default the one in force; what it does not know, in the newest
        that does."""
        newest_first = [self._versions[number] for number in sorted(self._versions, reverse=True)]
        if version is None and self.empty:
            return Names(newest_first)
        return Names([self.current if version is None else self._versions[version], *newest_first])

    async def publish(
        self,
        bundle: PolicyBundle,
        check: Callable[[], Awaitable[None]] | None = None,
        terms: Terms = AT_ONCE,
        basis: int | None = None,
    ) -> tuple[Policy, bool]:
        """Put a bundle in force on these terms; the same bundle again stays the version it was (and False is returned),
        unless that one is only planned and this is for another moment.

        What `check` finds still holds when it is published: no other bundle comes between. Raises NotTheBasis where
        `basis` is not the newest version any more."""
        async with self._publishing:
            if check is not None:
                await check()
            while (published := await self._publish(bundle, terms, basis)) is None:
                pass  # another process was faster and has the number: this bundle gets the next one
            return published

    async def _publish(self, bundle: PolicyBundle, terms: Terms, basis: int | None) -> tuple[Policy, bool] | None:
        text, digest = await asyncio.to_thread(digested, bundle)
        latest = await self._engine.query(LATEST, {})
        since = micros(terms.effective_from) if terms.effective_from else 0
        if latest and latest[0][1] == digest and (latest[0][2] <= micros(self._time.now()) or latest[0][2] == since):
            await self.open()
            return self._versions[latest[0][0]], False
        version = (latest[0][0] if latest else 0) + 1
        if basis is not None and version != basis + 1:
            raise NotTheBasis
        now = micros(self._time.now())
        row = {
            "version": version,
            "digest": digest,
            "imported_at": now,
            "bundle": text,
            "effective_from": since,
            "published_by": terms.published_by,
            "approved_by": terms.approved_by,
            "reason": terms.reason,
        }
        await self._engine.transact(Transaction(statements=[Statement(PUBLISH, [row])]))
        await self.open()
        kept = await self._engine.query(DIGEST, {"version": version})
        return (self._versions[version], True) if kept[0][0] == digest else None


def _in_force(since: Mapping[int, int], moment: datetime) -> int | None:
    """The newest version that counts at a moment, of those with the moment from which each counts."""
    until = micros(moment)
    return max((version for version, counts_from in since.items() if counts_from <= until), default=None)


def digested(bundle: PolicyBundle) -> tuple[str, str]:
    """A bundle as it is kept, with its defaults, for a later release's must not change it; and the SHA-256 of that."""
    text = bundle.model_dump_json()
    return text, sha256(text.encode()).hexdigest()


class PolicyWatch:
    """Looks for versions that other processes put in force."""

    name = "policy"

    def __init__(self, policies: PolicyBook) -> None:
        self._policies = policies

    async def run(self) -> None:
        """Look every second until cancelled; a database that is away is waited for."""
        await keep_going(self.name, self._look)

    async def stop(self) -> None:
        """There is nothing to let go of."""

    async def _look(self) -> None:
        await asyncio.sleep(LOOK_SECONDS)
        await self._policies.open()
