"""From events heard to entries to append: react, load, drop what was done, decide. No effect until it is committed."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from schemas.event import AnyRecorded, EventRef
from services.chassis.codec import Undecodable
from services.chassis.deciding import Command, Facts
from services.chassis.log import Cause, Entry, Log, Write
from services.chassis.service import Service
from services.chassis.states import States, UnreadableStream


class Poison(Exception):
    """An event that could not be handled, with the reason."""

    def __init__(self, recorded: AnyRecorded, error: Exception) -> None:
        super().__init__(str(recorded.ref))
        self.recorded = recorded
        self.error = error


@dataclass(frozen=True, slots=True)
class Asked:
    """A command with what caused it and the event that is to blame when it cannot be decided."""

    command: Command
    causation: str
    source: AnyRecorded


def react(service: Service, heard: Sequence[AnyRecorded], facts: Facts) -> list[Asked]:
    """The commands these events call for; raises Poison."""
    asked = []
    for recorded in heard:
        try:
            if isinstance(recorded.event, Undecodable):
                raise UnreadableStream(recorded.event.type)
            commands = service.reactions[type(recorded.event)](recorded, facts)
        except Exception as error:
            raise Poison(recorded, error) from error
        asked += [Asked(command, str(recorded.ref), recorded) for command in commands]
    return asked


async def plan(service: Service, log: Log, states: States, asked: Sequence[Asked]) -> list[Entry]:
    """Entries for all commands, decided on the newest state of their petitions; raises Poison."""
    if not asked:
        return []
    streams = await log.load({one.command.petition for one in asked})
    entries: list[Entry] = []
    by_petition: dict[UUID, list[Asked]] = {}
    for one in asked:
        by_petition.setdefault(one.command.petition, []).append(one)
    for petition, commands in by_petition.items():
        entries += _decide(service, states, streams[petition], commands)
    return entries


def _decide(service: Service, states: States, stream: Sequence[AnyRecorded], asked: Sequence[Asked]) -> list[Entry]:
    done = {recorded.causation for recorded in stream if recorded.service == service.name}
    entries = []
    version = len(stream)
    state = None
    for one in asked:
        if one.causation in done:
            continue
        try:
            if state is None:
                state = states.fold(one.command.petition, stream)
            events = service.decider.decide(state, one.command)
            for number, event in enumerate(events, version + 1):
                state = service.decider.evolve(state, event, EventRef(one.command.petition, number))
        except Exception as error:
            raise Poison(one.source, error) from error
        if events:
            cause = Cause(service.name, one.causation)
            entries.append(Entry(cause, [Write(one.command.petition, version, events)]))
            version += len(events)
    return entries
