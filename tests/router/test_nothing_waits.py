"""Rule 6: doubt and silence are routed at once on the most cautious reading; `ask` goes to the unit's desk."""

from schemas.events.router import HandOffOrdered
from schemas.policy import Policy
from schemas.words import Disposition, Severity
from tests.given import DISTRICT, dispatch, given, later, like, router
from tests.past import (
    accepted,
    assessed,
    closed,
    declined,
    dispatched,
    filed,
    floors_of,
    missed,
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
