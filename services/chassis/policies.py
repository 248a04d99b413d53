"""Every policy version that was ever in force here; decisions name theirs, so old ones can always be explained."""

import asyncio
from collections.abc import Awaitable, Callable
from hashlib import sha256

from schemas.policy import Policy, PolicyBundle
from services.chassis.clock import Time, micros
from services.chassis.names import Names
from services.chassis.store.engine import Engine, Statement, Transaction

PUBLISH = "INSERT INTO policy VALUES (:version, :digest, :imported_at, :bundle)"


class NoPolicy(Exception):
    """Nothing was imported yet, so nothing can be decided."""

    def __init__(self) -> None:
        super().__init__(
            "no district was imported yet: run `gridcase import DIRECTORY` (a sample: deploy/districts/ganjingzi)"
            " / 尚未导入辖区：请先运行 gridcase import 目录"
        )


class PolicyBook:
    """The versions, newest in force."""

    def __init__(self, engine: Engine, time: Time) -> None:
        self._engine = engine
        self._time = time
        self._versions: dict[int, Policy] = {}
        self._publishing = asyncio.Lock()

    async def open(self) -> None:
        """Read the versions kept in the store."""
        for version, text in await self._engine.query("SELECT version, bundle FROM policy ORDER BY version", {}):
            self._versions[version] = Policy(version, PolicyBundle.model_validate_json(text))

    @property
    def empty(self) -> bool:
        return not self._versions

    @property
    def current(self) -> Policy:
        """The version in force; raises NoPolicy."""
        if not self._versions:
            raise NoPolicy
        return self._versions[max(self._versions)]

    def version(self, number: int) -> Policy:
        """A version that an event names."""
        return self._versions[number]

    def names(self, version: int | None = None) -> Names:
        """What codes are called in this version, by default the one in force; what it does not know, in the newest
        that does."""
        newest_first = [self._versions[number] for number in sorted(self._versions, reverse=True)]
        return Names(newest_first if version is None else [self._versions[version], *newest_first])

    async def publish(
        self, bundle: PolicyBundle, check: Callable[[], Awaitable[None]] | None = None
    ) -> tuple[Policy, bool]:
        """Put a bundle in force; the same bundle again stays the version it was (and False is returned).

        What `check` finds still holds when it is published: no other bundle comes between."""
        async with self._publishing:
            if check is not None:
                await check()
            return await self._publish(bundle)

    async def _publish(self, bundle: PolicyBundle) -> tuple[Policy, bool]:
        text = bundle.model_dump_json()  # with its defaults: a later release's must not change this version
        digest = sha256(text.encode()).hexdigest()
        latest = await self._engine.query("SELECT version, digest FROM policy ORDER BY version DESC LIMIT 1", {})
        if latest and latest[0][1] == digest:
            return self._versions[latest[0][0]], False
        version = (latest[0][0] if latest else 0) + 1
        now = micros(self._time.now())
        row = {"version": version, "digest": digest, "imported_at": now, "bundle": text}
        await self._engine.transact(Transaction(statements=[Statement(PUBLISH, [row])]))
        self._versions[version] = Policy(version, bundle)
        return self._versions[version], True
