"""A petition as people name it: by its id, or by the number that can be read over the phone."""

import re
from uuid import UUID

from schemas.life import number_of
from services.chassis.log import Log

NUMBER = re.compile(r"[0-9]{8}-([0-9]{2,3})-([0-9]{1,18})")


async def petition_named(name: str, log: Log) -> UUID | None:
    """The petition with this id, which may not exist, or with this number; None for any other words."""
    if NUMBER.fullmatch(name):
        return await petition_numbered(name, log)
    try:
        return UUID(name)
    except ValueError:
        return None


async def petition_numbered(number: str, log: Log) -> UUID | None:
    """The petition whose first event stands where the number says, on the day that it says."""
    if not (named := NUMBER.fullmatch(number)):
        return None
    partition, position = int(named[1]), int(named[2])
    for first in await log.read({partition: position - 1}, 1) if partition < log.partitions else []:
        if first.version == 1 and number_of(first) == number:
            return first.petition
    return None
