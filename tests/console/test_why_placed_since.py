"""Why a petition stays where it is although a desk has placed it since, and what placing would not change."""

import pytest

from router.commands import Place
from router.policy import routing_policy
from schemas.event import Event
from schemas.policy import Policy
from services.console.reader import Reader
from services.console.why import Why, explain
from services.console.words import Lang
from tests.console.test_why import EN, ZH, after, decided
from tests.given import DISTRICT, PETITION, T0, dispatch, later, recorded, router
from tests.mapped import POLICY, without
from tests.past import accepted, assessed, filed, placed, returned, routed, supplemented

TOP = "The top of this district has it already; nothing within the district is higher."


def put(*past: Event, unit: str, reader: Reader = EN) -> Why:
    """Why it is where the router leaves it once a desk has placed it there."""
    command = Place(PETITION, later(hours=1), routing_policy(reader.policy), unit, ())
    said = router.decider.decide(router.decider.fold(recorded(*past)), command)
    assert [type(event).__name__ for event in said] == ["PetitionPlaced"], "it stays"
    return explain(recorded(*past, *said), reader)


def dispatched(*past: Event) -> tuple[Event, ...]:
    return (*past, *decided(*past))


ABOUT_THE_STREET = dispatched(filed("SA", about="SA"), assessed("LAMP"))
ABOUT_THE_GRID = dispatched(filed("SA1", about="SA11"), assessed("LAMP"))


def test_where_all_who_are_there_answer_to_the_one_complained_about_no_placing_is_said_to_move_it():
    why = explain(recorded(*ABOUT_THE_STREET), EN)
    assert why.holds == (
        "Its floors ask for no more than grid, but all in 东街道 answer to 东街道, about which it complains."
        " The desk of 海州区 has it, wherever in 东街道 it lies."
    )
    about = "nobody stands nearer to it but 东街道, about which it complains, or who answers to it."
    told = f"Nothing would put it lower: {about}"
    assert why.otherwise == [told, TOP]
    assert "东街道以内都归它管" in explain(recorded(*ABOUT_THE_STREET), ZH).holds


def test_what_was_placed_since_and_is_about_all_who_stand_nearer_says_why_it_stays():
    why = put(*ABOUT_THE_STREET, unit="SA11")
    assert why.located == "The place is 东一社区一网格 (grid), within one unit. A person at a desk placed it."
    assert why.holds == (
        "It was placed since, in 东一社区一网格. The desk of 海州区 keeps it, for nobody stands nearer to it but"
        " 东街道, about which it complains, or who answers to it."
    )
    assert why.otherwise[-1] == TOP
    assert not [said for said in (why.holds, *why.otherwise) if "until somebody places it" in said]
    assert "派单以后已定位到东一社区一网格" in put(*ABOUT_THE_STREET, unit="SA11", reader=ZH).holds


def test_it_goes_to_whoever_is_there_unless_that_is_the_one_complained_about():
    why = explain(recorded(*ABOUT_THE_GRID), EN)
    but = ", unless that is 东一社区一网格, about which it complains, or answers to it."
    assert why.holds.endswith(f"until somebody places it; then it goes to the grid there{but}")
    assert why.otherwise == [f"Lower: a higher unit has it only until somebody places it; then it goes to grid{but}"]
    kept = put(*ABOUT_THE_GRID, unit="SA11")
    assert kept.holds.startswith("It was placed since, in 东一社区一网格. The desk of 东一社区 keeps it, for nobody")
    assert "Higher: a missed deadline takes it to street at least." in kept.otherwise


def test_one_complained_about_who_stands_elsewhere_or_below_its_tier_is_no_exception():
    for past in ((filed("SA1", about="SB1"), assessed("LAMP")), (filed(None, about="SA11"), assessed("STALL"))):
        assert after(*past, reader=EN).holds.endswith(" there.")


def test_what_touches_only_one_grid_by_now_is_not_said_to_go_down_by_itself():
    touched = placed("SA1").model_copy(update={"touches": ("SA11", "SA12")})
    past = (
        filed(None),
        assessed("LAMP"),
        touched,
        routed("community", "SA1", floors={"authority": "grid", "scope": "community"}),
    )
    why = put(*past, accepted(dispatch(4)), unit="SA11")
    assert why.holds == (
        "It was placed since, in 东一社区一网格, where grid would do; but placing moves nothing down that somebody has,"
        " only a named person does. So it stays with 东一社区."
    )
    assert why.otherwise[0] == "Lower: grid would do now that it is placed, but only a named person moves it down."
    assert "定位不会使诉求往下退" in put(*past, accepted(dispatch(4)), unit="SA11", reader=ZH).holds


def test_what_nobody_nearer_could_have_says_so_once_it_is_placed():
    units = [one.model_copy(update={"staff": 0}) if one.code in ("SA", "SA2") else one for one in DISTRICT.bundle.units]
    empty = Reader(Lang.EN, Policy(1, DISTRICT.bundle.model_copy(update={"units": tuple(units)})), T0)
    past = (filed(None), assessed("LAMP"))
    why = put(*past, *decided(*past, policy=empty.policy), unit="SA21", reader=empty)
    assert why.holds == (
        "It was placed since, in 东二社区一网格. The desk of 海州区 keeps it, for nobody who stands nearer to it could"
        " have it then."
    )
    assert why.otherwise == ["Nothing would put it lower: nobody who stands nearer to it could have it then.", TOP]


def test_the_tier_of_what_was_placed_since_is_explained_by_the_place_that_is_known_now():
    why = put(filed(None), assessed("GAS"), routed("district", "D", "D-GAS", kind="GAS"), unit="SA11")
    assert why.holds == "The highest of its floors is district, so that tier handles it; the place belongs to 海州区."
    assert not why.otherwise[0].endswith("once its place is known.")


PASSED_ON = routed("grid", "D", "D-CITY", rule="transferred", floors={"authority": "grid"})


def test_what_a_placing_desk_passed_on_is_not_said_to_go_to_the_grid_once_it_is_placed():
    past = (filed(None), assessed("LAMP"), routed("grid", "D"), accepted(dispatch(3)), PASSED_ON)
    why = explain(recorded(*past), EN)
    assert why.holds == "Its last receiver passed it on to 海州区城管局, 海州区; the highest of its floors is grid."
    told = (
        "Lower: a named person chose who has it, and that stands also when it is placed: only a named person moves it."
    )
    assert why.otherwise == [told, TOP]
    assert put(*past, unit="SA11").otherwise == [TOP]


@pytest.mark.parametrize("rule", ["transferred", "moved"])
def test_a_persons_choice_stands_also_through_a_new_dispatch_to_the_same_receiver(rule: str):
    chosen = PASSED_ON.model_copy(update={"rule": rule})
    again = PASSED_ON.model_copy(update={"rule": "supplemented"})
    past = (filed(None), assessed("LAMP"), routed("grid", "D"), chosen, supplemented(), assessed("LAMP"), again)
    assert "until somebody places it" not in explain(recorded(*past), EN).holds
    assert put(*past, unit="SA11").holds == explain(recorded(*past), EN).holds


def test_what_was_given_back_to_a_placing_desk_goes_where_that_sends_it():
    past = (filed("SA1"), assessed("LAMP"), routed("grid", "SA1"), returned(dispatch(3)))
    why = explain(recorded(*past, routed("grid", "SA", rule="returned")), EN)
    assert why.otherwise == [
        "Lower: the desk that it was given back to decides where it goes, and may send it to grid."
    ]


def test_one_complained_about_whom_the_map_has_no_more_is_named():
    reader = Reader(Lang.EN, Policy(2, without("SA11"), POLICY), T0, (POLICY,))
    past = (filed("SA12", about="SA11"), assessed("LAMP"), routed("grid", "SA12"))
    assert "It complains about 东一社区一网格 and is never routed to the one complained about." in (
        explain(recorded(*past), reader).notes
    )
