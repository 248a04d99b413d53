"""What was added before a split, and is read as graver after it, may be about any part: each that is open is raised."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from router.commands import Accept
from schemas.dispatches import DispatchIssued
from schemas.event import AnyRecorded, EventRef
from schemas.events.router import DispatchAccepted
from schemas.events.severity import Reason, ReviewRequested, SeverityAssessed
from schemas.sealed import Sealed
from schemas.words import Disposition, Severity
from services.chassis.sealing import Keys, PetitionKey
from services.chassis.service import Ground
from severity.decider import Assess, RaisePart
from severity.lookups import for_batch
from severity.policy import Reading
from severity.reactions import on_severity_assessed
from tests.given import DISTRICT, PETITION, T0, dispatch, given, like, recorded, router, severity
from tests.news import told
from tests.past import (
    PARTS,
    ROOT,
    accepted,
    assessed,
    closed,
    dispatched,
    filed,
    reassessed,
    resolved,
    review_requested,
    routed,
    split,
    supplemented,
    withdrawn,
)

WHOLE = (filed(), assessed(), routed(), supplemented(), split())
URGENT = assessed("PIPE", "urgent").model_copy(update={"supplement": 1})
PART = (filed(split_from=ROOT), assessed(), routed())
LAMP = Reading("LAMP", Severity.ROUTINE, Disposition.HANDLE, (), 0.9, ())
RAISE = RaisePart(PETITION, T0, DISTRICT, ROOT, Severity.URGENT, 0.8, Assess(PETITION, T0, DISTRICT, LAMP))
RAISED = like(SeverityAssessed, kind="LAMP", severity=Severity.URGENT, whole=ROOT, supplement=None)


class Keyring:
    """Has a key for every petition."""

    async def get(self, streams: Sequence[UUID]) -> Keys:
        return Keys({stream: PetitionKey(stream, bytes(32)) for stream in streams})


async def asked_of_parts(*whole: Any, version: int = 0) -> list[RaisePart]:
    """What hearing an event of the whole, the newest unless its version is given, asks of its parts."""
    stream = recorded(*whole)

    async def load(petitions: Collection[UUID]) -> Mapping[UUID, Sequence[AnyRecorded]]:
        return {one: stream if one == PETITION else (_part(one),) for one in petitions}

    ground = Ground(T0, DISTRICT, Keyring(), load)  # type: ignore[arg-type]
    heard = stream[version - 1]
    return on_severity_assessed(heard, await for_batch([heard], ground))  # type: ignore[arg-type]


def _part(petition: UUID) -> AnyRecorded:
    [one] = recorded(filed(split_from=PETITION).model_copy(update={"text": Sealed.of("楼道灯不亮")}))
    return one._replace(petition=petition, ref=EventRef(petition, 1))


class TestWhoIsAsked:
    async def test_every_part_of_that_time_with_its_own_words_read(self):
        asked = await asked_of_parts(*WHOLE, URGENT)
        assert [(one.petition, one.whole, one.severity) for one in asked] == [
            (part, PETITION, Severity.URGENT) for part in PARTS
        ]
        assert {one.first.reading.kind for one in asked if one.first} == {"LAMP"}

    async def test_nobody_where_it_was_read_before_the_split_or_only_made_clearer_or_a_danger(self):
        assert not await asked_of_parts(*WHOLE[:4], URGENT, split(), version=5)
        assert not await asked_of_parts(*WHOLE, assessed("LAMP").model_copy(update={"supplement": 1}))
        assert not await asked_of_parts(*WHOLE, assessed("GAS", "critical").model_copy(update={"supplement": 1}))


class TestTheParts:
    def test_it_is_as_grave_by_its_own_kind_and_a_person_is_asked(self):
        raised, _ = given(severity, *PART).when(RAISE).then(RAISED, like(ReviewRequested, confidence=0.8))
        assert raised.reasons == (Reason(rule=f"whole:{ROOT}", field="filed"),)
        given(severity, *PART, review_requested()).when(RAISE).then(RAISED)
        given(severity, *PART, reassessed()).when(RAISE).then(RAISED, like(ReviewRequested))

    def test_not_read_yet_it_is_read_by_its_own_words_first(self):
        said = given(severity, *PART[:1]).when(RAISE).then(
            like(SeverityAssessed, kind="LAMP", severity=Severity.ROUTINE, whole=None), RAISED, like(ReviewRequested)
        )  # fmt: skip
        given(severity, *PART[:1], *said).when(RAISE.first).then_nothing()

    def test_what_nobody_can_read_is_left_to_who_is_told_of_that(self):
        given(severity, *PART[:1]).when(replace(RAISE, first=None)).then_nothing()
        given(severity, *PART).when(replace(RAISE, first=None)).then(RAISED, like(ReviewRequested))

    @pytest.mark.parametrize(
        "end",
        [(withdrawn(),), (resolved(dispatch(3)),), (resolved(dispatch(3)), closed())],
        ids=["withdrawn", "resolved", "closed"],
    )
    def test_what_is_done_or_over_stays_so(self, end):
        given(severity, *PART, *end).when(RAISE).then_nothing()

    def test_as_grave_already_it_stays_as_it_is(self):
        given(severity, *PART, assessed("PIPE", "urgent")).when(RAISE).then_nothing()

    def test_who_has_it_is_told_by_a_new_dispatch(self):
        raised = given(severity, *PART).when(RAISE).said[0]
        past = (*PART, accepted(dispatch(3)), raised)
        [anew] = given(router, *past).when_heard().then(dispatched(severity=Severity.URGENT, rule="supplemented"))
        [*_, issued] = told(*past, anew)
        assert (type(issued), issued.target, issued.reason) == (DispatchIssued, "SA11", "supplemented")
        accept = Accept(PETITION, T0, None)
        given(router, *past, anew).when(accept).then(like(DispatchAccepted))
