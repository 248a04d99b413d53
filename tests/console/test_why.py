"""Why a petition is where it is, said by what the router itself decided."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from router.commands import MovePetition, RouteAssessed
from router.policy import routing_policy
from schemas.event import Event
from schemas.events import EVENT_TYPES
from schemas.events.staffing import NobodyOnDuty
from schemas.policy import Policy, ScaleRule, SeverityRule
from schemas.words import Severity
from services.chassis.deciding import Facts
from services.console.reader import Reader
from services.console.why import Why, explain
from services.console.words import Lang
from tests.given import DISTRICT, PETITION, T0, dispatch, later, recorded, router
from tests.past import (
    assessed,
    claimed,
    closed,
    confirmed,
    declined,
    escalated,
    filed,
    linked,
    missed,
    reassessed,
    referred,
    reopened,
    resolved,
    review_requested,
    routed,
    unlinked,
    withdrawn,
)
from tests.schemas.test_golden import golden

ZH, EN = Reader(Lang.ZH, DISTRICT, T0), Reader(Lang.EN, DISTRICT, T0)
EVENTS = [event_type.model_validate_json(golden(name)) for name, event_type in EVENT_TYPES.items()]


def after(*past: Event, reader: Reader = ZH) -> Why:
    """Why it is where the router puts it on hearing the last of these events."""
    return explain(recorded(*past, *decided(*past, policy=reader.policy)), reader)


def decided(*past: Event, policy: Policy = DISTRICT) -> list[Event]:
    """What the router says to the last of these events."""
    stream = recorded(*past)
    commands = router.reactions[type(past[-1])](stream[-1], Facts(past[-1].at, policy))
    state = router.decider.fold(stream)
    return [event for command in commands for event in router.decider.decide(state, command)]


def floors(why: Why) -> list[tuple[str, str, str, bool]]:
    return [(one.name, one.tier, one.reason, one.decides) for one in why.floors]


SURE = "研判把握 90%，达到 60%，所以没有请人复核。把握只看词句有多明确，读错了由有权人员改判。"


def test_a_small_matter_is_in_its_grid_because_the_power_is_there():
    why = after(filed("SA11"), assessed("LAMP"))
    assert why.placed == "在东一社区一网格（grid）：按研判结果派单。"
    assert why.holds == "各条底线中最高的是grid，所以由grid一级办理。"
    assert floors(why)[0] == ("事权", "grid", "“楼道灯不亮”（LAMP）的事权在grid。", True)
    assert floors(why)[1][2] == "地点在东一社区一网格（grid），没有跨单元。"
    assert why.notes == [SURE]
    assert why.otherwise == [
        "已经在最低一级，没有更低的去处。",
        "如果紧急程度是“特急”，会到street。",
        "如果超过时限，至少会到community。",
        "如果办结后群众反映没有解决，会比报办结的那次派单高一级；第二次则到district。",
    ]


def test_the_highest_floor_decides():
    why = after(filed("SA11"), assessed("GAS", "critical", hand_off=("119",)), reader=EN)
    assert [(one.name, one.tier, one.decides) for one in why.floors] == [
        ("Authority", "district", True),
        ("Severity", "street", False),
        ("Scope", "grid", False),
    ]
    assert why.floors[1].reason == "Critical petitions go at least to: street."
    assert "At 海州区, 海州区燃气办 handles such matters." in why.notes


def test_a_missed_acceptance_lifts_it_one_tier_and_the_dispatch_is_named():
    due = later(hours=8)
    past = [filed("SA11"), assessed("LAMP"), routed(), missed(f"accept:{dispatch(3)}", due)]
    why = after(*past, escalated(dispatch(3), f"accept:{dispatch(3)}", at=later(hours=9)))
    assert why.placed == "在东一社区（community）：上呈派单。"
    assert floors(why)[-1] == (
        "经过",
        "community",
        "签收（第 3 条事件的派单）超时，所以比第 3 条事件的派单高一级。",
        True,
    )


def test_a_named_person_who_escalated_is_the_reason():
    why = after(filed("SA11"), assessed("LAMP"), routed(), escalated(dispatch(3)))
    assert floors(why)[-1][2] == "有权人员要求，所以比第 3 条事件的派单高一级。"


def test_what_was_not_solved_comes_back_one_tier_up():
    why = after(filed("SA11"), assessed("LAMP"), routed(), resolved(dispatch(3)), reopened(2))
    assert why.placed == "在东一社区（community）：重办派单。"
    assert floors(why)[-1][2] == "群众反映没有解决，所以比第 3 条事件的派单高一级。"


def test_a_milder_reading_leaves_it_where_it_stands():
    past = [filed("SA11"), assessed("STALL"), routed("street", "SA", "SA-CITY", kind="STALL")]
    why = after(*past, assessed("NOISE"))
    assert floors(why)[-1] == ("经过", "street", "第 3 条事件的派单已经到这一级，诉求不会因为一条消息往下退。", True)


def test_who_stood_in_for_an_empty_unit_keeps_it_and_says_so():
    units = [unit.model_copy(update={"staff": 1}) for unit in DISTRICT.bundle.units]
    policy = routing_policy(Policy(2, DISTRICT.bundle.model_copy(update={"units": tuple(units)})))
    past = (filed("SA21"), assessed("LAMP"), routed("grid", "SA2"), reassessed("LAMP", "urgent"))
    graver = RouteAssessed(PETITION, T0, policy, 4, "reassessed")
    said = router.decider.decide(router.decider.fold(recorded(*past)), graver)
    why = explain(recorded(*past, *said), ZH)
    assert floors(why)[-1][2] == "按第 3 条事件的派单，已由更高的单元承办，诉求不会因为一条消息退给更低的单元。"


def test_a_unit_without_staff_is_named():
    past = (filed("SA21"), assessed("LAMP"))
    stream = [one._replace(causation="one") if one.version > 2 else one for one in recorded(*past, *decided(*past))]
    assert explain(stream, ZH).notes[-1] == "东二社区一网格（grid）无人值守，交给了有人的下一处。"


def test_the_one_complained_about_is_named():
    why = after(filed("SA11", about="SA1"), assessed("LAMP"))
    assert "诉求反映的是东一社区，不交给被反映的一方办理。" in why.notes


def test_what_is_about_the_top_says_that_somebody_else_of_the_place_has_it():
    past = (filed("SA11", about="D"), assessed("POISON", "critical"), routed("street", "SA"), escalated(dispatch(3)))
    why = after(*past, reader=EN)
    assert "It complains about 海州区, so the highest other desk of the place has it." in why.notes


def test_what_is_about_the_top_and_lies_nowhere_known_says_why_the_top_has_it():
    why = after(filed(None, about="D"), assessed("LAMP"), reader=EN)
    assert floors(why)[-1][:3] == (
        "Scope",
        "grid",
        "It complains about 海州区 (district), and no other unit is sure to contain the place, so its desk has it.",
    )
    assert not [note for note in why.notes if note.startswith("It complains")]


def test_what_is_about_the_top_and_can_wait_is_the_superiors():
    told = explain(recorded(filed(about="D"), referred("superior")), ZH)
    assert told.placed == "诉求反映的是本辖区最高一级单位，引导群众向其上级机关反映。"


def test_a_unit_without_the_office_handles_it_itself():
    why = after(filed("SA11", about="D-WATER"), assessed("PIPE"))
    assert "海州区没有设具有该事权的部门，由单元自己承办。" in why.notes


def test_a_persons_choice_is_not_called_a_floors():
    past = (filed("SA11"), assessed("LAMP"), routed())
    move = MovePetition(PETITION, later(hours=1), routing_policy(DISTRICT), "SA", None, "由街道统一办理")
    said = router.decider.decide(router.decider.fold(recorded(*past)), move)
    why = explain(recorded(*past, *said), ZH)
    assert why.placed == "在东街道（street）：由有权人员移送。"
    assert why.holds == "这一级由有权人员指定，不由底线决定。"
    assert not [one for one in why.floors if one.decides]


def test_what_climbs_where_it_was_moved_says_so():
    past = [filed("SA11"), assessed("LAMP"), routed(), routed("community", "SB1", rule="moved")]
    why = after(*past, escalated(dispatch(4)))
    assert why.placed == "在西街道（street）：上呈派单。"
    assert why.notes == [
        SURE,
        "西街道（street）签收之前，仍由东一社区一网格（grid）负责。",
        "此前由有权人员移送到东一社区一网格以外，所以在移送到的地方逐级上升。",
    ]
    assert explain(recorded(*past), ZH).notes == [
        SURE,
        "西一社区（community）签收之前，仍由东一社区一网格（grid）负责。",
    ]


def test_a_department_that_a_person_chose_is_not_said_to_have_the_power():
    past = (filed("SA11"), assessed("STALL"), routed("district", "D", "D-WATER", kind="STALL", rule="moved"))
    assert explain(recorded(*past), ZH).notes == [SURE]


def test_an_office_where_nobody_is_on_duty_is_not_said_to_be_missing():
    nobody = NobodyOnDuty(at=T0, unit="SA", round=1, department="SA-CITY", cause="nobody_posted")
    past = recorded(filed("SA11"), assessed("STALL"), nobody, routed(tier="street", unit="SA", kind="STALL"))
    why = explain((*past[:2], *(one._replace(causation="test:2") for one in past[2:])), EN)
    assert [note for note in why.notes if "SA-CITY" in note or "东街道执法队" in note]
    assert not [note for note in why.notes if "has no office" in note]


def test_a_petition_that_nobody_placed_says_what_it_waits_for():
    assert explain(recorded(filed()), ZH).placed == "刚刚登记，正在等待研判。"
    assert explain(recorded(filed(), assessed("LAMP")), EN).placed == "It was read and is being routed."


def test_one_that_has_its_own_end_says_which():
    assert explain(recorded(filed(), referred("COURT")), ZH).placed == "属于“涉法涉诉”，引导群众走法定途径。"
    assert explain(recorded(filed(), declined()), ZH).placed == "标题和正文里没有文字。"


@settings(max_examples=100)
@given(st.lists(st.sampled_from(EVENTS), max_size=8))
def test_any_stream_has_an_answer(events):
    stream = recorded(EVENTS[0], *events)
    assert explain(stream, ZH).placed
    assert explain(stream, EN).placed


UNSOLVED = (
    "Higher: a resident who says that it is not solved takes it above the dispatch that was reported done, the second"
    " time to district."
)


def test_what_one_floor_alone_keeps_high_says_where_it_would_be_without_it():
    assert after(filed("SA11"), assessed("LAMP", "critical"), reader=EN).otherwise == [
        "Lower: read as Routine, grid would do.",
        "Higher: a missed deadline takes it to district at least.",
        UNSOLVED,
    ]


def test_where_what_is_routine_has_a_floor_as_well_no_milder_reading_is_said_to_do():
    severities = {**DISTRICT.bundle.severities, Severity.ROUTINE: SeverityRule(floor="community")}
    policy = Policy(1, DISTRICT.bundle.model_copy(update={"severities": severities}))
    why = after(filed("SA11"), assessed("LAMP", "critical"), reader=Reader(Lang.EN, policy, T0))
    assert why.otherwise[0] == "Lower: without Severity, its floors would ask for no more than grid."


def test_at_the_top_nothing_puts_it_higher():
    assert after(filed("SB11"), assessed("PIPE"), reader=EN).otherwise == [
        "Lower: read as another kind, for which a lower tier has the power, it could be as low as grid.",
        "The top of this district has it already; nothing within the district is higher.",
    ]


def test_what_stands_higher_for_another_reason_than_a_floor_is_not_called_the_lowest():
    assert after(filed("SA11", about="SA11"), assessed("LAMP"), reader=EN).otherwise == [
        "Higher: read as Critical, it would have gone to street.",
        "Higher: a missed deadline takes it to street at least.",
        UNSOLVED,
    ]


LIMITED = DISTRICT.bundle.model_copy(
    update={
        "scale": {
            "grid": ScaleRule(households=50, money=5_000, joint=1),
            "community": ScaleRule(households=300, money=50_000),
        }
    }
)


def test_a_matter_of_many_households_says_how_many_and_what_fewer_or_more_would_have_done():
    policy = Policy(1, LIMITED)
    zh, en = Reader(Lang.ZH, policy, T0), Reader(Lang.EN, policy, T0)
    why = after(filed("SA11", households=60), assessed("LAMP"), reader=zh)
    assert ("难易", "community", "涉及 60 户，超过下一级的限额 50 户，所以到community。", True) in floors(why)
    assert "如果涉及户数不超过 50 户，到grid就够了。" in why.otherwise
    assert "如果涉及户数超过 300 户，至少会到street。" in why.otherwise
    assert "如果涉及金额超过 50,000 元，至少会到street。" in why.otherwise
    both = after(filed("SA11", households=60, money=6_000), assessed("LAMP"), reader=en)
    assert both.otherwise[0] == "Lower: without Scale, its floors would ask for no more than grid."
    why = after(filed("SA11", money=60_000), assessed("LAMP"), reader=en)
    told = "60,000 yuan are at stake, more than the 50,000 up to which the tier below handles it: street."
    assert ("Scale", "street", told, True) in floors(why)
    assert why.otherwise == [
        "Lower: if no more than 50,000 yuan were at stake, community would do.",
        "Higher: a missed deadline takes it to district at least.",
        UNSOLVED,
    ]


def test_where_a_person_chose_nothing_else_would_have_put_it_elsewhere():
    assert explain(recorded(filed(), assessed(), routed("street", "SA", rule="moved")), ZH).otherwise == ()


def test_a_reading_that_is_not_sure_says_so_until_a_person_has_looked():
    past = filed("SA11"), assessed("LAMP"), review_requested(), routed("SA11")
    unsure = "研判把握 {}，已请人在 2026-11-24 09:00 前复核；复核改判的，去处可能随之改变。"
    assert explain(recorded(*past), ZH).notes == [unsure.format("30%，不到 60%")]
    assert explain(recorded(*past, assessed("LAMP")), ZH).notes == [unsure.format("90%")], "the review stays open"
    for looked in (confirmed(), reassessed()):
        assert explain(recorded(*past, looked), ZH).notes == []


def test_nobody_is_asked_any_more_to_look_at_what_went_another_way_meanwhile():
    past = filed("SA11"), assessed("LAMP"), review_requested(), routed("SA11")
    for meanwhile in ((linked(), unlinked()), (withdrawn(), reopened()), (resolved("4"), closed(), reopened())):
        assert explain(recorded(*past, *meanwhile, routed("SA11")), ZH).notes == []


@pytest.mark.parametrize(
    ("claim", "zh", "en"),
    [
        (claimed("3", "SA1"), "在东一社区（community）", "It is with 东一社区 (community)"),
        (
            claimed("3", "D", department="D-WATER"),
            "在海州区 / 海州区水务局，领自东一社区（community）",
            "It is with 海州区水务局, 海州区, which claimed it from 东一社区 (community)",
        ),
        (
            claimed("3", "SA1P", responsible="SA1"),
            "在东一社区（community），由合伙人东一社区物业（grid）领取",
            "It is with 东一社区 (community), whose partner 东一社区物业 (grid) claimed it",
        ),
    ],
)
def test_what_was_claimed_is_with_who_claimed_it_and_a_partners_with_its_unit(claim: Event, zh: str, en: str):
    past = recorded(filed(), assessed("NOISE"), routed("community", "SA1", kind="NOISE", mode="open"), claim)
    assert explain(past, ZH).placed == f"{zh}：按研判结果派单。"
    assert explain(past, EN).placed == f"{en}: routed by the reading."
