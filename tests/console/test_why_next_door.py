"""Why a matter that lies in a neighbouring district is kept here all the same."""

import pytest

from schemas.event import Event
from schemas.words import LocatedBy, Whereabouts
from services.console.reader import Reader
from services.console.why import Why, explain
from services.console.words import Lang
from tests.console.test_located import found
from tests.console.test_why import decided
from tests.given import T0, recorded
from tests.mapped import POLICY
from tests.past import assessed, placed, referred, reopened, review_requested, routed

ZH, EN = Reader(Lang.ZH, POLICY, T0), Reader(Lang.EN, POLICY, T0)
NEXT_DOOR = found(Whereabouts.OUTSIDE, None, (LocatedBy.ADDRESS, "N"))
IN_VAIN = "Lower: only if somebody found that it lies in this district after all; then it would go to {} there."


def after(*past: Event, reader: Reader = EN) -> Why:
    return explain(recorded(NEXT_DOOR, *past, *decided(NEXT_DOOR, *past, policy=POLICY)), reader)


@pytest.mark.parametrize(
    ("past", "because", "has_it", "tier"),
    [
        (
            (referred("neighbour:N"), reopened()),
            "it was opened again here",
            "The desk of 海州区",
            "grid",
        ),
        (
            (assessed("POISON", "critical", disposition="hand_off", hand_off=("120",)),),
            "a danger is dealt with here all the same",
            "The desk of 海州区",
            "street",
        ),
        ((assessed("LAMP"),), "it was not passed on to it", "The desk of 海州区", "grid"),
    ],
)
def test_it_says_where_it_lies_and_why_it_is_here(past: tuple[Event, ...], because: str, has_it: str, tier: str):
    why = after(*past)
    assert why.located.startswith("It lies in the neighbouring Beishan")
    assert why.holds == f"It lies in the neighbouring Beishan, and {because}. {has_it} has it."
    assert why.otherwise[0] == IN_VAIN.format(tier)
    said = after(*past, reader=ZH)
    assert said.holds.startswith("地点在邻区北山区，")
    assert "地点未知" not in said.holds + said.otherwise[0]


def test_what_is_not_sure_waits_here_for_a_person():
    past = (NEXT_DOOR, assessed("LAMP"), review_requested(), routed("grid", "D"))
    assert explain(recorded(*past), EN).holds == (
        "It lies in the neighbouring Beishan, and its reading is not sure enough to pass it on."
        " The desk of 海州区 has it."
    )


def test_what_nobody_read_in_time_is_here():
    past = (NEXT_DOOR, routed("grid", "D", rule="unassessed"))
    assert "and nobody had read it in time." in explain(recorded(*past), EN).holds


def test_what_only_the_top_has_the_power_for_is_not_said_to_lie_in_it():
    why = after(assessed("GAS", "critical", disposition="hand_off", hand_off=("119",)))
    assert why.holds == (
        "It lies in the neighbouring Beishan, and a danger is dealt with here all the same."
        " 海州区燃气办, 海州区 has it."
    )
    assert why.otherwise[0].endswith("it could be as low as street, if it lay in this district.")


def test_once_it_is_placed_here_it_is_no_longer_next_door():
    why = explain(recorded(NEXT_DOOR, assessed("LAMP"), placed("SA11"), routed("grid", "SA11", rule="placed")), EN)
    assert why.holds == "The highest of its floors is grid, so that tier handles it."
