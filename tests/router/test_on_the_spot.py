"""自处理: what a grid worker dealt with before filing it is handled by that, where the grid may."""

import pytest

from router.service import DECIDER
from schemas.dispatches import DispatchFollowedUp, DispatchIssued, DispatchWithdrawn
from schemas.events.intake import FiledBy, PetitionFiled
from schemas.events.router import (
    DispatchAccepted,
    DispatchClaimed,
    HandOffOrdered,
    NobodyOnDuty,
    PetitionRouted,
    ResolutionReported,
)
from schemas.events.severity import SeverityAssessed
from schemas.people import Attachment
from schemas.policy import Policy
from schemas.sealed import Sealed
from schemas.words import Disposition, Mode
from services.chassis.deciding import Facts
from tests.given import DISTRICT, T0, dispatch, given, later, like, recorded, router
from tests.news import says, told
from tests.past import (
    accepted,
    assessed,
    closed,
    dispatched,
    filed,
    followed,
    linked,
    missed,
    reassessed,
    reopened,
    resolved,
    routed,
)

FILES = [Attachment(url="https://example.org/1.jpg")]
WORKER = FiledBy(role="grid_worker", id="g-0017")


def spotted(place: str | None = "SA11", **facts: object) -> PetitionFiled:
    """Filed by a grid worker who had changed the bulb."""
    done = {"on_the_spot": Sealed.of("已更换灯泡"), "on_the_spot_result": "done", "filed_by": WORKER}
    return filed(place, **done, on_the_spot_attachments=Sealed.of(FILES), **facts)


HEARD = (spotted(), assessed())


def test_it_is_placed_taken_and_reported_done_in_one():
    given(router, *HEARD).when_heard(now=later(minutes=1)).then(
        dispatched(unit="SA11", tier="grid"),
        like(DispatchAccepted, dispatch=dispatch(3)),
        like(
            ResolutionReported,
            dispatch=dispatch(3),
            round=1,
            result="done",
            text="已更换灯泡",
            attachments=FILES,
            on_the_spot=True,
            answer_by=later(hours=72, minutes=1),
        ),
    )


def test_it_is_said_in_the_name_of_who_did_it():
    placing, doing = router.reactions[SeverityAssessed](recorded(*HEARD)[1], Facts(T0, DISTRICT))
    state = DECIDER.fold(recorded(*HEARD))
    assert DECIDER.in_whose_name(state, placing) is None
    assert DECIDER.in_whose_name(state, doing) == "g-0017"


def test_what_is_open_to_claim_is_claimed():
    kinds = tuple(kind.model_copy(update={"mode": Mode.OPEN}) for kind in DISTRICT.bundle.kinds)
    policy = Policy(1, DISTRICT.bundle.model_copy(update={"kinds": kinds}))
    given(router, *HEARD, policy=policy).when_heard().then(
        dispatched(mode=Mode.OPEN),
        like(DispatchClaimed, unit="SA11", claimed_by="g-0017"),
        like(ResolutionReported),
    )


@pytest.mark.parametrize(
    ("past", "said"),
    [
        ((spotted(), assessed("STALL")), [dispatched(department="SA-CITY")]),
        ((spotted(), assessed("NOISE")), [dispatched(unit="SA1")]),
        ((spotted(), assessed("LAMP", "urgent")), [dispatched(unit="SA11")]),
        ((spotted(), assessed("LAMP", "critical")), [dispatched(unit="SA")]),
        ((spotted("SA21"), assessed()), [like(NobodyOnDuty), dispatched(unit="SA2")]),
        ((spotted("SA1"), assessed()), [dispatched(unit="SA1")]),
        ((spotted(about="SA11"), assessed()), [dispatched(unit="SA1")]),
    ],
)
def test_where_another_is_asked_for_it_is_handled_as_every_other(past, said):
    given(router, *past).when_heard().then(*said)


@pytest.mark.parametrize("about", ["SA12", "SA1", "SA-CITY", "D"])
def test_a_complaint_about_anybody_is_answered_by_somebody_else_than_who_says_it_is_done(about):
    given(router, spotted(about=about), assessed()).when_heard().then(dispatched())


@pytest.mark.parametrize(
    "read", [assessed(None), assessed("GONE"), assessed(None, disposition="ask"), assessed("LAMP", disposition="ask")]
)
def test_what_nobody_knows_the_kind_of_or_what_asks_back_is_handled_as_every_other(read):
    given(router, spotted(), read).when_heard().then(dispatched(unit="SA11", tier="grid"))


@pytest.mark.parametrize("not_of_grids", [{"power": "lamps"}, {"disposition": Disposition.REFER}])
def test_a_kind_that_an_office_or_another_way_answers_is_not_done_by_the_grid_on_whose_desk_it_lands(not_of_grids):
    kinds = tuple(kind.model_copy(update=not_of_grids) for kind in DISTRICT.bundle.kinds if kind.code == "LAMP")
    policy = Policy(1, DISTRICT.bundle.model_copy(update={"kinds": kinds}))
    given(router, *HEARD, policy=policy).when_heard().then(dispatched(unit="SA11", tier="grid"))


def test_who_must_be_told_at_once_is_told_and_it_stays_open():
    past = (spotted(), assessed(disposition="hand_off", hand_off=("119",)))
    given(router, *past).when_heard().then(dispatched(unit="SA11"), like(HandOffOrdered, to=("119",)))


def test_what_was_not_read_in_time_or_follows_another_is_handled_as_every_other():
    late = (spotted(), missed("assess", later(minutes=3)))
    [routed_late] = given(router, *late).when_heard().then(dispatched(rule="unassessed"))
    given(router, *late, routed_late, assessed()).when_heard().then_nothing()
    given(router, *HEARD, linked()).when_heard(2).then_nothing()
    given(router, *HEARD, followed()).when_heard(2).then(dispatched())


def test_a_later_reading_round_or_receiver_does_not_make_it_done():
    given(
        router, spotted(), assessed("LAMP", "urgent"), routed(severity="urgent"), reassessed()
    ).when_heard().then_nothing()
    moved = (spotted(), assessed("NOISE"), routed("community", "SA1", kind="NOISE"), routed(rule="moved"))
    given(router, *moved).when_heard(2).then_nothing()
    done = (*HEARD, routed(), accepted(dispatch(3)), resolved(dispatch(3)), reopened())
    given(router, *done).when_heard().then(like(PetitionRouted, round=2, tier="community"))


def test_the_grid_hears_that_it_has_it_and_that_it_has_nothing_to_do():
    done = resolved(dispatch(3)).model_copy(update={"on_the_spot": True})
    past = (*HEARD, routed(), accepted(dispatch(3)))
    says(told(*HEARD, routed()), (DispatchIssued, "SA11", {}))
    says(told(*past, done), (DispatchWithdrawn, "SA11", {"reason": "resolved", "still_responsible": False}))
    says(told(*past, done, closed()), (DispatchFollowedUp, "SA11", {"followed_by": "closed"}))
