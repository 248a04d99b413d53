"""Who is said to have done it: the receiver of the dispatch that was reported done, which need not be the last."""

from services.console.why import explain
from tests.console.test_why import EN, ZH
from tests.given import dispatch, recorded
from tests.past import accepted, assessed, claimed, closed, filed, reopened, resolved, routed

PASSED_ON = (filed(), assessed(), routed(), accepted(dispatch(3)), routed("grid", "SA1", rule="transferred"))


def test_what_the_first_receiver_did_is_not_said_to_be_with_who_never_accepted_it():
    done = (*PASSED_ON, resolved(dispatch(3)))
    stayed = "which stayed responsible because 东一社区 (community) had not accepted it"
    assert explain(recorded(*done), EN).placed == (
        f"It was reported done by 东一社区一网格 (grid), {stayed}, and the resident is being asked."
    )
    assert explain(recorded(*done), ZH).placed == (
        "东一社区一网格（grid）已报办结，正在回访：东一社区（community）没有签收，所以一直由它负责。"
    )
    over = (*done, closed())
    assert explain(recorded(*over), EN).placed.endswith(f"It was reported done by 东一社区一网格 (grid), {stayed}.")
    assert "东一社区一网格（grid）报办结" in explain(recorded(*over), ZH).placed
    again = explain(recorded(*over, reopened()), EN).placed
    assert again.endswith("waits to be routed. Before that it was reported done by 东一社区一网格 (grid).")


def test_who_claimed_the_dispatch_that_was_done_is_named():
    past = (
        filed(), assessed("BENCH"), routed("community", "SA1", kind="BENCH", mode="open"), claimed(dispatch(3), "SA11"),
        routed("street", "SA", kind="BENCH", rule="transferred"), resolved(dispatch(3)),
    )  # fmt: skip
    told = explain(recorded(*past), EN).placed
    assert told.startswith("It was reported done by 东一社区一网格 (grid), which claimed it from 东一社区 (community)")


def test_what_its_last_receiver_did_or_a_person_closed_is_told_as_ever():
    taken = (*PASSED_ON, accepted(dispatch(5)))
    asked = "It was reported done, and the resident is being asked."
    told = explain(recorded(*taken, resolved(dispatch(5))), EN).placed
    assert told == f"{asked} It is with 东一社区 (community): passed on by its receiver."
    told = explain(recorded(*PASSED_ON, closed("by_person")), EN).placed
    assert told.endswith("It was with 东一社区 (community): passed on by its receiver.")
