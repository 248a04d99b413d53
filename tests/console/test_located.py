"""Where a petition lies and how that is known, in both languages."""

import pytest

from router.commands import RouteAssessed
from router.policy import routing_policy
from schemas.event import Event
from schemas.places import Finding, Location
from schemas.policy import Policy
from schemas.words import LocatedBy, Whereabouts
from services.console.locating import located
from services.console.reader import Reader
from services.console.sentences import sentence
from services.console.why import explain
from services.console.words import Lang
from tests.given import PETITION, T0, recorded, router
from tests.mapped import POLICY, without
from tests.past import assessed, filed, placed, referred, routed

ZH, EN = Reader(Lang.ZH, POLICY, T0), Reader(Lang.EN, POLICY, T0)
BY_POLICY = " Found by policy 1; later maps change nothing of it."


def found(where: Whereabouts, unit: str | None, *said: tuple[LocatedBy, str], units: tuple[str, ...] = ()) -> Event:
    findings = tuple(Finding(by=by, units=(code,)) for by, code in said)
    neighbour = said[-1][1] if where is Whereabouts.OUTSIDE else None
    return filed(None, location=Location(where=where, unit=unit, units=units, neighbour=neighbour, findings=findings))


COORDINATES, ADDRESS, UNIT = LocatedBy.COORDINATES, LocatedBy.ADDRESS, LocatedBy.UNIT
SA11_BY_ADDRESS = found(Whereabouts.IN_ONE, "SA11", (COORDINATES, "SA1"), (ADDRESS, "SA11"))
TWO = found(Whereabouts.IN_SEVERAL, "SA1", units=("SA11", "SA12"))
EITHER = found(Whereabouts.UNCLEAR, "SA1", units=("SA11", "SA12"))
CONTRADICTORY = found(Whereabouts.CONTRADICTORY, "D", (UNIT, "SA11"), (COORDINATES, "N"))


@pytest.mark.parametrize(
    ("event", "said"),
    [
        (filed(None), "No place was given when it was filed."),
        (filed("SA11"), "The place is 东一社区一网格 (grid), within one unit."),
        (SA11_BY_ADDRESS, f"The place is 东一社区一网格 (grid), within one unit, by a name in the address.{BY_POLICY}"),
        (
            TWO,
            "It touches 东一社区一网格 (grid), 东一社区二网格 (grid): the lowest unit that contains them all has it."
            + BY_POLICY,
        ),
        (
            EITHER,
            f"It lies in one of 东一社区一网格 (grid), 东一社区二网格 (grid), and nothing says in which.{BY_POLICY}",
        ),
        (
            CONTRADICTORY,
            "What was told of the place contradicts itself: the unit that was named: 东一社区一网格 (grid), the"
            f" coordinates: Beishan. The lowest unit that contains all of it was taken; nobody guessed.{BY_POLICY}",
        ),
        (
            found(Whereabouts.OUTSIDE, None, (ADDRESS, "N")),
            f"It lies in the neighbouring Beishan, by a name in the address.{BY_POLICY}",
        ),
        (
            found(Whereabouts.UNKNOWN, None),
            f"Neither coordinates nor address name a unit of this district.{BY_POLICY}",
        ),
    ],
)
def test_it_says_what_was_found_and_by_what(event: Event, said: str):
    assert located(recorded(event), EN) == said
    assert located(recorded(event), ZH).endswith("。")


def test_what_a_desk_says_goes_before_what_was_filed():
    assert (
        located(recorded(EITHER, placed("SA12")), ZH) == "地点在东一社区二网格（grid），没有跨单元。由受理台人工定位。"
    )
    both = placed("SA1").model_copy(update={"touches": ("SA11", "SA12")})
    assert located(recorded(EITHER, both), ZH).startswith("涉及东一社区一网格（grid）、东一社区二网格（grid）")
    assert sentence(both, EN) == "it touches 东一社区一网格 (grid), 东一社区二网格 (grid)"


def test_a_desk_that_places_it_where_it_is_already_is_heard_too():
    past = (EITHER, assessed("LAMP"), routed())
    assert explain(recorded(*past), EN).located.startswith("It lies in one of 东一社区一网格 (grid)")
    assert explain(recorded(*past, placed("SA11")), EN).located == (
        "The place is 东一社区一网格 (grid), within one unit. A person at a desk placed it."
    )


def explained(event: Event, policy: Policy = POLICY, *more: Event) -> tuple[list[str], str]:
    """The reasons of the scope floor that the router sets, and what follows from the highest floor."""
    past = (event, assessed("LAMP"), *more)
    read = RouteAssessed(PETITION, T0, routing_policy(policy), 2, "assessed")
    said = router.decider.decide(router.decider.fold(recorded(*past)), read)
    why = explain(recorded(*past, *said), Reader(Lang.EN, policy, T0, (POLICY,)))
    return [floor.reason for floor in why.floors if floor.name == "Scope"], why.holds


def test_the_scope_floor_names_the_units_and_what_follows():
    reasons, holds = explained(TWO)
    assert reasons[0].startswith("It touches 东一社区一网格 (grid), 东一社区二网格 (grid)")
    assert holds == "The highest of its floors is community, so that tier handles it."


def test_what_is_not_sure_says_whose_desk_waits_to_place_it():
    reasons, holds = explained(CONTRADICTORY)
    assert "contradicts itself" in reasons[0]
    assert "its place is only known to be in 海州区, so nobody can say which one there. The desk of 海州区 has" in holds


def test_on_a_new_map_the_desk_that_has_it_is_named_for_what_is_left():
    _, holds = explained(filed("SA11"), Policy(2, without("SA11"), POLICY))
    assert "only known to be in 东一社区, so nobody can say which one there. The desk of 东一社区 has it" in holds


def test_what_was_filed_with_a_unit_that_was_gone_by_then_says_to_whom_it_is_left():
    redrawn = Policy(2, without("SA11"), POLICY)
    left_to = found(Whereabouts.IN_ONE, "SA1", (UNIT, "SA1")).model_copy(update={"place_unit": "SA11", "policy": 2})
    assert located(recorded(left_to), Reader(Lang.EN, redrawn, T0, (POLICY, redrawn))) == (
        "The place is only known to be in 东一社区 (community). The unit that was told, 东一社区一网格, was on the map"
        " no more when it was filed: what was there is left to 东一社区 (community). Found by policy 2; later maps"
        " change nothing of it."
    )


def test_an_old_log_is_explained_as_before():
    past = (filed("SA11"), assessed("LAMP"), routed())
    assert explain(recorded(*past), EN).located == "The place is 东一社区一网格 (grid), within one unit."


def test_what_went_across_the_border_says_to_whom():
    assert sentence(referred("neighbour:N"), EN) == (
        "it lies in the neighbouring Beishan, which gets it; the record stays here"
    )
