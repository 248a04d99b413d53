"""Bugs to be planted, one function changed in each: a checker that has never complained proves nothing."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any, cast

import pytest

import escalation.decider
import feedback.decider
import router.decider
import router.extending
import router.handling
import router.parts
import services.chassis.deadline_rows
import services.chassis.planning
import services.chassis.store.placing
import tests.invariants.world
from router.commands import FinishPart, Resolve
from schemas.event import AnyRecorded, Event
from schemas.words import Severity
from services.chassis.batcher import Batcher
from services.chassis.log import Entry, Log, Result
from services.chassis.store.engine import Appended, Move, Place, Statement, Transaction
from services.console.petition_list import PetitionListProjector
from services.process import Process

Plant = Callable[[pytest.MonkeyPatch], None]
EARLY = timedelta(minutes=10)


def effects_before_the_checkpoint(changed: pytest.MonkeyPatch) -> None:
    """Two transactions instead of one: first what a service says, then how far it has heard."""
    whole = Log.transact

    async def in_two(log: Log, moves: Sequence[Move], entries: Any = (), statements: Any = ()) -> list[Result]:
        said = await whole(log, [], entries, statements)
        await whole(log, moves)
        return said

    changed.setattr(Log, "transact", in_two)


def checkpoint_before_the_effects(changed: pytest.MonkeyPatch) -> None:
    """Two transactions instead of one: first how far a service has heard, then what it says."""
    whole = Log.transact

    async def in_two(log: Log, moves: Sequence[Move], entries: Any = (), statements: Any = ()) -> list[Result]:
        if moves:
            await whole(log, moves)
        return await whole(log, [], entries, statements)

    changed.setattr(Log, "transact", in_two)


def silence_is_not_remembered(changed: pytest.MonkeyPatch) -> None:
    """A batch that led to nothing does not move the checkpoint."""
    whole = Log.transact

    async def only_with_effects(
        log: Log, moves: Sequence[Move], entries: Sequence[Entry] = (), statements: Sequence[Statement] = ()
    ) -> list[Result]:
        return await whole(log, moves if entries else [], entries, statements)

    changed.setattr(Log, "transact", only_with_effects)


def causation_is_not_scoped_by_service(changed: pytest.MonkeyPatch) -> None:
    """What another service said because of an event counts as one's own."""
    whole = services.chassis.planning._decide

    def as_if_all_were_mine(service: Any, states: Any, known: Any, newer: Sequence[AnyRecorded], *rest: Any) -> None:
        whole(service, states, known, [one._replace(service=service.name) for one in newer], *rest)

    changed.setattr(services.chassis.planning, "_decide", as_if_all_were_mine)


def timers_live_in_the_process(changed: pytest.MonkeyPatch) -> None:
    """Whoever opens the data knows no deadline from before."""
    whole = tests.invariants.world.build

    async def forgetful(*given: Any) -> Process:
        gridcase = await whole(*given)
        await gridcase.data.engine.transact(Transaction(statements=[Statement("DELETE FROM deadline", [{}])]))
        return gridcase

    changed.setattr(tests.invariants.world, "build", forgetful)


def the_key_is_not_stored(changed: pytest.MonkeyPatch) -> None:
    """An idempotency key is looked up and never written."""
    changed.setattr(services.chassis.store.placing, "_claim", lambda owners, keys, stream: [])


def the_reply_comes_before_the_commit(changed: pytest.MonkeyPatch) -> None:
    """The caller is answered, and the process ends before the commit."""

    async def answered_first(batcher: Batcher, entry: Entry) -> Result:
        log = batcher._log
        ready = await log._prepare([entry])
        [write] = entry.writes
        places = [
            Place(write.petition, version, log.partition_of(write.petition), version, 0)
            for version in range(write.expected + 1, write.expected + 1 + len(write.events))
        ]
        [result] = log._keep(ready, [Appended(places)])
        return result

    changed.setattr(Batcher, "append", answered_first)


def a_deadline_is_noticed_early(changed: pytest.MonkeyPatch) -> None:
    """Due is compared with a little more than now."""
    whole = escalation.decider._notice

    def early(state: Any, command: Any) -> list[Event]:
        said = whole(state, replace(command, now=command.now + EARLY))
        return [event.model_copy(update={"at": command.now}) for event in said]

    changed.setattr(escalation.decider, "_notice", early)
    due = services.chassis.deadline_rows.DUE.replace("< :now", f"< :now + {EARLY // timedelta(microseconds=1)}")
    changed.setattr(services.chassis.deadline_rows, "DUE", due)


def a_dispatch_climbs_for_every_miss(changed: pytest.MonkeyPatch) -> None:
    """Nobody remembers that it is on its way up already."""
    whole = escalation.decider._climb

    def forgetful(state: Any, command: Any, deadline: Any) -> list[Event]:
        return whole(state._replace(escalated=""), command, deadline)

    changed.setattr(escalation.decider, "_climb", forgetful)


def a_message_moves_it_down(changed: pytest.MonkeyPatch) -> None:
    """The floors alone decide, wherever the petition stands."""

    def only_the_floors(state: Any, command: Any) -> Any:
        floors = command.policy.floors(state.kind, state.severity, state.site, state.extent, state.history)
        tier = command.policy.tier(floors)
        return tier, command.policy.target(tier, state.kind, state.place, state.about, command.now), floors

    changed.setattr(router.decider, "aim", only_the_floors)


def a_machine_closes_what_is_critical(changed: pytest.MonkeyPatch) -> None:
    """Feedback takes every petition for routine."""
    whole = feedback.decider._close_unreached

    def as_if_routine(state: Any, command: Any) -> list[Event]:
        return whole(state._replace(severity=Severity.ROUTINE), command)

    changed.setattr(feedback.decider, "_close_unreached", as_if_routine)


def the_end_ends_a_hand_off(changed: pytest.MonkeyPatch) -> None:
    """Nobody is asked after the end who tells of the danger."""
    changed.setattr(escalation.decider, "_found_untold", lambda state, command: [])


def attempts_at_once_all_count(changed: pytest.MonkeyPatch) -> None:
    """Feedback forgets when the resident was tried."""
    whole = feedback.decider._attempted

    def as_if_never_tried(state: Any, command: Any, text: Any) -> list[Event]:
        return whole(state._replace(attempted_at=None), command, text)

    changed.setattr(feedback.decider, "_attempted", as_if_never_tried)


def what_is_critical_gets_more_time(changed: pytest.MonkeyPatch) -> None:
    """The router asks nobody how grave it is."""
    changed.setattr(router.extending, "refuse_critical", lambda state: None)


def what_was_done_for_less_answers_a_danger(changed: pytest.MonkeyPatch) -> None:
    """Whoever reports it done is taken to have known how grave it is."""

    def as_if_routine(state: Any, command: Any) -> list[Event]:
        return router.handling.resolve(state._replace(severity=Severity.ROUTINE), command)

    changed.setitem(cast("dict[type, Any]", router.decider._DECIDES), Resolve, as_if_routine)


def a_danger_is_seen_to_by_its_parts(changed: pytest.MonkeyPatch) -> None:
    """What was split is resolved with its last part, whatever it was read as since."""

    def as_if_routine(state: Any, command: Any) -> list[Event]:
        return router.parts.finish_part(state._replace(severity=Severity.ROUTINE), command)

    changed.setitem(cast("dict[type, Any]", router.decider._DECIDES), FinishPart, as_if_routine)


def who_was_told_once_is_never_told_again(changed: pytest.MonkeyPatch) -> None:
    """The router takes every danger of a petition for the same one."""
    whole = router.decider._order_hand_off

    def of_the_first_round_only(state: Any, command: Any, to_tell: Any) -> list[Event]:
        return [] if state.round > 1 else whole(state, command, to_tell)

    changed.setattr(router.decider, "_order_hand_off", of_the_first_round_only)


def what_was_reported_done_was_seen_to(changed: pytest.MonkeyPatch) -> None:
    """Feedback opens nothing again that somebody reported done."""
    whole = feedback.decider._reopen_danger

    def unless_resolved(state: Any, command: Any) -> list[Event]:
        return whole(state._replace(found_since=False), command)

    changed.setattr(feedback.decider, "_reopen_danger", unless_resolved)


def what_a_person_turned_away_was_known(changed: pytest.MonkeyPatch) -> None:
    """Feedback opens nothing again that somebody referred or declined."""
    whole = feedback.decider._reopen_danger

    def unless_turned_away(state: Any, command: Any) -> list[Event]:
        return whole(state._replace(let_go=False), command)

    changed.setattr(feedback.decider, "_reopen_danger", unless_turned_away)


def the_list_skips_a_version(changed: pytest.MonkeyPatch) -> None:
    """The read model forgets the last event of a batch."""
    whole = PetitionListProjector.rows

    async def all_but_the_last(projector: PetitionListProjector, batch: Sequence[AnyRecorded], table: str) -> Any:
        return await whole(projector, batch[:-1] if len(batch) > 1 else batch, table)

    changed.setattr(PetitionListProjector, "rows", all_but_the_last)
