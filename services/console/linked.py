"""The petitions that one is linked with, as its page tells of them: what each is called, how far it is, who has it."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from schemas.life import Life, Link, fold_life
from schemas.words import LinkType
from services.chassis.log import Log

MOST_TOLD = 50
"""Of how many more is told; the further ones stand with their ids only, so that no page reads a thousand streams."""


@dataclass(frozen=True)
class Linked:
    """One link; `life` is the other petition's, None beyond those that are told of."""

    type: LinkType
    petition: UUID
    life: Life | None

    @property
    def called(self) -> str:
        """Its number, or its id where nothing more is known."""
        return self.life.number if self.life else str(self.petition)


async def linked(links: Sequence[Link], log: Log) -> list[Linked]:
    """Each link with what its petition has come to, in their order."""
    streams = await log.load([one.petition for one in links[:MOST_TOLD]])
    lives = {petition: fold_life(stream) for petition, stream in streams.items() if stream}
    return [Linked(one.type, one.petition, lives.get(one.petition)) for one in links]


async def called(life: Life, log: Log) -> dict[UUID, str]:
    """What it and those linked with it are called, by id."""
    return numbers(life, await linked(life.links, log))


def numbers(life: Life, others: Sequence[Linked]) -> dict[UUID, str]:
    """What this petition and those linked with it are called, by id."""
    return {life.petition: life.number} | {one.petition: one.called for one in others}
