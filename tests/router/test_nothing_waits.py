"""Rule 6: doubt and silence are routed at once on the most cautious reading; `ask` goes to the unit's desk."""

from router.commands import MovePetition, Place
from router.policy import routing_policy
from schemas.events.router import HandOffOrdered, PetitionPlaced
from schemas.policy import Policy
from schemas.words import Disposition, Severity
from tests.given import DISTRICT, PETITION, dispatch, given, later, like, router
from tests.past import (
    accepted,
    assessed,
    closed,
    declined,
    dispatched,
    escalated,
    filed,
    floors_of,
    missed,
    placed,
    reassessed,
    referred,
    reopened,
    resolved,
    review_requested,
    routed,
)

UNHEARD = missed("assess", later(minutes=3))


def test_a_reading_under_review_is_routed_like_any_other():
    given(router, filed(), assessed("LAMP"), review_requested()).when_heard(2).then(dispatched(unit="SA11"))


def test_without_a_reading_in_time_it_is_routed_on_the_most_cautious_one():
    given(router, filed("SA11", kind="STALL"), UNHEARD).when_heard().then(
        dispatched(tier="street", unit="SA", severity=Severity.URGENT, kind="STALL", rule="unassessed")
    )


def test_without_anything_known_it_is_routed_all_the_same():
    given(router, filed(None), UNHEARD).when_heard().then(dispatched(tier="grid", unit="D", kind=None))


def test_what_was_reopened_and_not_routed_in_time_is_routed_as_its_round_asks():
    done = (filed("SA11"), assessed("LAMP"), routed(), accepted(dispatch(3)), resolved(dispatch(3)))
    again = (*done, reopened(2, at=later(hours=1)))
    unheard = missed("assess", later(hours=1, minutes=3))
    [event] = (
        given(router, *again, unheard)
        .when_heard()
        .then(dispatched(tier="community", unit="SA1", round=2, rule="reopened"))
    )
    assert floors_of(event)["history"] == ("community", f"not_solved:{dispatch(3)}")
    given(router, *again, unheard, routed("community", "SA1", round=2)).when_heard(7).then_nothing()
    given(router, *again, unheard, closed()).when_heard(7).then_nothing()


def test_what_was_turned_away_and_opened_again_is_routed_by_its_reading():
    court = (filed("SA11"), assessed("COURT", disposition="refer"), referred(), reopened(2, "person"))
    given(router, *court).when_heard().then(
        dispatched(tier="community", unit="SA1", kind="COURT", round=2, rule="reopened")
    )
    empty = (filed(None), assessed(None, disposition="decline"), declined(), reopened(2, "person"))
    given(router, *empty).when_heard().then(dispatched(tier="grid", unit="D", kind=None, round=2))
    given(router, *empty, missed("assess", later(minutes=3))).when_heard().then(dispatched(unit="D", round=2))


def test_the_reading_that_comes_after_all_moves_it_up_and_never_down():
    past = (filed("SA11"), UNHEARD, routed("grid", "SA11", kind=None, severity="urgent", rule="unassessed"))
    given(router, *past, assessed("PIPE", "urgent")).when_heard().then(
        dispatched(tier="district", unit="D", department="D-WATER", rule="assessed")
    )
    given(router, *past, assessed("LAMP")).when_heard().then_nothing()


def test_a_question_to_the_resident_is_the_desks_and_no_departments():
    asked = assessed("STALL", disposition="ask")
    given(router, filed("SA11"), asked).when_heard().then(dispatched(tier="street", unit="SA", department=None))


def test_a_missed_reading_that_was_noticed_late_routes_nothing():
    late = missed("assess", later(minutes=3), late=True, at=later(minutes=5))
    away = (filed(), assessed("COURT", disposition="refer", at=later(minutes=5)), referred(at=later(minutes=5)), late)
    given(router, *away, reopened(2, "person", at=later(minutes=6))).when_heard(4).then_nothing()


def test_a_filed_kind_is_taken_at_its_word_when_nobody_read_it():
    given(router, filed("SA11", kind="GAS"), UNHEARD).when_heard().then(
        dispatched(tier="district", department="D-GAS", severity=Severity.CRITICAL, rule="unassessed"),
        like(HandOffOrdered, to=("119", "燃气抢修")),
    )
    given(router, filed("SA11", kind="LAMP"), UNHEARD).when_heard().then(dispatched(severity=Severity.URGENT))


def test_a_filed_kind_that_must_be_told_at_once_is_told_though_nobody_read_it():
    kinds = [kind.model_copy(update=LOUD) if kind.code == "NOISE" else kind for kind in DISTRICT.bundle.kinds]
    policy = Policy(1, DISTRICT.bundle.model_copy(update={"kinds": tuple(kinds)}))
    given(router, filed("SA11", kind="NOISE"), UNHEARD, policy=policy).when_heard().then(
        dispatched(severity=Severity.URGENT), like(HandOffOrdered, to=("110",))
    )


LOUD = {"disposition": Disposition.HAND_OFF, "hand_off": ("110",)}


def test_an_escalation_that_was_not_heard_yet_is_not_lost_to_another_dispatch():
    read = reassessed("LAMP", "urgent")
    missed_it = (missed(f"accept:{dispatch(3)}", later(hours=8)), escalated(dispatch(3), f"accept:{dispatch(3)}"))
    past = (filed("SA11"), assessed(), routed(), read, *missed_it)
    [event] = given(router, *past).when_heard(4).then(dispatched(tier="community", unit="SA1", rule="reassessed"))
    assert floors_of(event)["history"] == ("community", f"accept:{dispatch(3)}:{dispatch(3)}")
    given(router, *past, event).when_heard(6).then_nothing()


def test_nor_is_it_lost_when_a_desk_places_it_in_between():
    past = (filed("SA11"), assessed(), routed(), escalated(dispatch(3)))
    to_the_other_street = Place(PETITION, later(hours=8), routing_policy(DISTRICT), "SB11")
    _, event = (
        given(router, *past)
        .when(to_the_other_street)
        .then(like(PetitionPlaced), dispatched(tier="community", unit="SB1", rule="placed"))
    )
    given(router, *past, placed("SB11"), event).when_heard(4).then_nothing()


def test_a_move_by_a_person_stands_though_it_was_escalated_just_before():
    past = (filed("SA11"), assessed(), routed(), escalated(dispatch(3)))
    move = MovePetition(PETITION, later(hours=8), routing_policy(DISTRICT), "SA12", None, "在二网格")
    [event] = given(router, *past).when(move).then(dispatched(tier="grid", unit="SA12"))
    given(router, *past, event).when_heard(4).then_nothing()


def test_an_escalation_of_a_round_that_is_over_raises_nothing_in_the_next():
    climbed = (filed(), assessed(), routed(), accepted(dispatch(3)), routed("community", "SA1"))
    over = (*climbed, escalated(dispatch(5)), resolved(dispatch(3)), reopened(2))
    given(router, *over).when_heard().then(dispatched(tier="community", unit="SA1", round=2))


def test_an_escalation_heard_after_a_reopening_leaves_the_round_to_the_reopening():
    read = reassessed("NOISE", "critical", disposition="refer", hand_off=("110",))
    past = (filed("SA11"), assessed(), routed(), escalated(dispatch(3)), read, referred(), reopened(2, "person"))
    given(router, *past).when_heard(4).then_nothing()
    given(router, *past).when_heard().then(dispatched(rule="reopened"), like(HandOffOrdered, to=("110",)))
