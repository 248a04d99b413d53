"""A petition under way when its district takes another ladder is not stranded."""

from schemas.jurisdiction import Jurisdiction, Ladder, Tier, Unit
from schemas.policy import Policy
from services.chassis.policy_files import read_bundle
from tests.architecture.tree import ROOT
from tests.given import dispatch, given, router
from tests.past import assessed, dispatched, escalated, filed, floors_of, reassessed, routed

COUNTY = Policy(2, read_bundle(ROOT / "deploy" / "districts" / "shiqiao.yaml"))
MISSED_IN_A_GRID = {"authority": "grid", "history": "community"}
FILED = (filed("SQ010101"), assessed("LIGHT"))

VILLAGE = Jurisdiction(
    ladder=Ladder((Tier(code="cell", name="格", name_en="cell"), Tier(code="county", name="县", name_en="county"))),
    units={"C": Unit(code="C", name="县", tier="county")},
)


def test_above_a_tier_of_an_earlier_ladder_stands_the_top() -> None:
    assert VILLAGE.ladder.above("grid") == "county"


def test_a_unit_is_no_placing_desk_for_a_tier_that_is_gone() -> None:
    assert not VILLAGE.is_placing_desk("grid", "C", None)


def test_the_floor_of_a_miss_on_a_tier_that_is_gone_is_the_top():
    past = (*FILED, routed("community", "SA1", kind="LIGHT", floors=MISSED_IN_A_GRID), reassessed("ROAD"))
    [event] = given(router, *past, policy=COUNTY).when_heard().then(dispatched(tier="county", unit="SQ"))
    assert floors_of(event)["history"] == ("county", "test")


def test_that_floor_is_the_top_also_when_it_stands_on_a_tier_that_is_left():
    past = (*FILED, routed("cell", "SQ010101", kind="LIGHT", floors=MISSED_IN_A_GRID), reassessed("ROAD"))
    given(router, *past, policy=COUNTY).when_heard().then(dispatched(tier="county", unit="SQ"))


def test_what_stands_on_a_tier_that_is_gone_moves_to_the_top_and_never_down():
    past = (*FILED, routed("street", "SA", kind="LIGHT"), reassessed("ROAD"))
    [event] = given(router, *past, policy=COUNTY).when_heard().then(dispatched(tier="county", unit="SQ"))
    assert floors_of(event)["history"] == ("county", f"stands:{dispatch(3)}")


def test_an_escalation_on_a_tier_that_is_gone_leads_to_the_top():
    past = (*FILED, routed("community", "SA1", kind="LIGHT", floors=MISSED_IN_A_GRID), escalated(dispatch(3)))
    given(router, *past, policy=COUNTY).when_heard().then(dispatched(tier="county", unit="SQ"))
