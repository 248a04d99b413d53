"""From events heard to entries to append: react, load, drop what was done, decide. No effect until it is committed."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID

from schemas.event import AnyRecorded, EventRef
from services.chassis import carrying
from services.chassis.codec import Undecodable
from services.chassis.deciding import Command, Facts
from services.chassis.log import Cause, Entry, Log, Result, Write, Written
from services.chassis.sealing import Keys, PetitionKey, Unsealable
from services.chassis.service import Service
from services.chassis.states import Known, States, UnreadableStream, mark_of


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


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be appended, and the petitions as they are then."""

    entries: list[Entry] = field(default_factory=list)
    reached: dict[UUID, Known] = field(default_factory=dict)

    def committed(self, results: Sequence[Result]) -> dict[UUID, Known]:
        """The petitions as they are now that this was written."""
        last = {one.petition: one for result in results if isinstance(result, Written) for one in result.events}
        return {petition: known._replace(last=mark_of(last[petition])) for petition, known in self.reached.items()}


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


async def plan(service: Service, log: Log, states: States, asked: Sequence[Asked]) -> Plan:
    """Entries for all commands, decided on the newest state of their petitions; raises Poison.

    Only events that are newer than the states kept so far are loaded."""
    by_petition: dict[UUID, list[Asked]] = {}
    for one in asked:
        by_petition.setdefault(one.command.petition, []).append(one)
    known = {petition: states.known(petition) for petition in by_petition}
    newer = await log.load_newer({petition: one.version for petition, one in known.items()})
    planned = Plan()
    for petition, commands in by_petition.items():
        _decide(service, states, known[petition], newer[petition], commands, planned)
    carried = {number: entry for number, entry in enumerate(planned.entries) if _carries(entry)}
    keys = await log.keyring.get({entry.writes[0].petition for entry in carried.values()}) if carried else Keys()
    for number, entry in carried.items():
        petition = entry.writes[0].petition
        try:
            planned.entries[number] = _opened(entry, keys[petition])
        except Unsealable as error:
            raise Poison(by_petition[petition][-1].source, error) from error
    return planned


def _carries(entry: Entry) -> bool:
    return any(carrying.carries(event) for event in entry.writes[0].events)


def _opened(entry: Entry, key: PetitionKey | None) -> Entry:
    """The same entry with what it carries from earlier events opened, to be sealed for its new place."""
    [write] = entry.writes
    if key is None:
        raise Unsealable("erased")
    return replace(entry, writes=[replace(write, events=[carrying.opened(event, key) for event in write.events])])


def _decide(
    service: Service, states: States, known: Known, newer: Sequence[AnyRecorded], asked: Sequence[Asked], planned: Plan
) -> None:
    done = known.done.union(recorded.causation for recorded in newer if recorded.service == service.name)
    now = None
    for one in asked:
        if one.causation in done:
            continue
        petition = one.command.petition
        try:
            if now is None:
                now = states.go_on(petition, known, newer)
            version, state, reacted, _ = now
            by = service.decider.in_whose_name(state, one.command)
            events = service.decider.decide(state, one.command)
            for number, event in enumerate(events, version + 1):
                state = service.decider.evolve(state, event, EventRef(petition, number))
        except Exception as error:
            raise Poison(one.source, error) from error
        if events:
            cause = Cause(service.name, one.causation, by)
            planned.entries.append(Entry(cause, [Write(petition, version, events)]))
            now = planned.reached[petition] = Known(version + len(events), state, reacted | {one.causation})
