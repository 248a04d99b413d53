"""What can be asked of a petition: carried out with a new version, or refused with a reason and what to do next."""

import pytest

LATER = [
    "dance",
]  # fmt: skip
COMMANDS = {
    "link": {"to": "01a20a62-d504-7503-b778-98728c567667"},
    "unlink": {},
    "supplement": {"text": "三单元也不亮"},
    "urge": {},
    "withdraw": {"reason": "已自行解决"},
    "accept": {},
    "claim": {},
    "hand-over": {"to": "gw-18", "reason": "调岗"},
    "return": {"reason": "not_mine"},
    "transfer": {"unit": "SB11", "reason": "不在本辖区"},
    "summon": {"departments": ["D-WATER"]},
    "report-in": {"department": "D-WATER"},
    "progress": {"text": "配件已订"},
    "request-extension": {"until": "2099-01-01T00:00:00+08:00", "reason": "配件未到"},
    "decide-extension": {"granted": True, "reason": "同意"},
    "request-hold": {"until": "2099-01-01T00:00:00+08:00", "reason": "待拆迁"},
    "decide-hold": {"granted": True, "reason": "同意"},
    "resume": {},
    "resolve": {"text": "已更换"},
    "feedback": {"reached": True, "solved": True},
    "reopen": {"reason": "又坏了"},
    "close": {"reason": "已协商"},
    "confirm": {},
    "reassess": {"severity": "urgent", "reason": "有老人"},
    "place": {"unit": "SA12"},
    "move": {"unit": "SB11", "reason": "不在本辖区"},
    "escalate": {"reason": "需要街道出面"},
    "answer-supervision": {"text": "已派人"},
    "confirm-hand-off": {"to": "119"},
}


def test_accept_makes_the_receiver_responsible(door, routed):
    petition = door.done(routed["id"], "accept", by="gw-17")
    assert petition["status"] == "accepted"
    assert petition["dispatch"]["accepted_at"]
    assert petition["responsible"] == {
        "unit": "SA11", "department": None, "since": petition["dispatch"]["accepted_at"], "staff": "gw-17"
    }  # fmt: skip
    assert door.timeline(routed["id"])[-1]["by"] == "gw-17"


def test_a_command_answers_with_the_petition_and_its_new_etag(door, routed):
    answer = door.command(routed["id"], "accept", by="gw-17")
    assert answer.headers["etag"] == f'"{answer.json()["version"]}"'
    assert answer.json()["version"] == routed["version"] + 1
    assert answer.content == door.http.get(f"/v1/petitions/{routed['id']}").content


def test_accepting_twice_changes_nothing(door, accepted):
    assert door.done(accepted["id"], "accept")["version"] == accepted["version"]


def test_resolve_waits_for_the_residents_word(door, resolved):
    assert resolved["status"] == "resolved"
    assert resolved["closed_at"] is None
    assert "FeedbackRequested" in door.happened(resolved["id"])


def test_solved_closes_it(door, resolved):
    petition = door.done(resolved["id"], "feedback", reached=True, solved=True, satisfied=False, text="太慢了")
    assert petition["status"] == "closed"
    assert petition["closed_at"]
    data = door.timeline(resolved["id"])[-2]["data"]
    assert (data["solved"], data["satisfied"], data["text"]) == (True, False, "太慢了")


def test_not_solved_opens_it_again_one_tier_up(door, resolved):
    door.done(resolved["id"], "feedback", reached=True, solved=False)
    petition = door.becomes(resolved["id"], "routed")
    assert (petition["tier"], petition["unit"]["code"], petition["dispatch"]["round"]) == ("community", "SA1", 2)


def test_that_nobody_had_contacted_them_opens_it_again_and_the_first_answer_is_kept(door, resolved):
    again = door.done(resolved["id"], "feedback", reached=True, contacted=False, contact="phone")
    assert again["feedback"]["first"] == again["feedback"]["final"]
    door.becomes(resolved["id"], "routed")
    door.done(resolved["id"], "accept")
    door.done(resolved["id"], "resolve", text="已更换灯泡")
    closed = door.done(resolved["id"], "feedback", reached=True, solved=True, satisfied=True)
    said = {name: (one["round"], one["solved"], one["contacted"]) for name, one in closed["feedback"].items()}
    assert said == {"first": (1, False, False), "final": (2, True, None)}
    causes = [one["data"]["cause"] for one in door.timeline(resolved["id"]) if one["type"] == "PetitionReopened"]
    assert causes == ["false_closure"]


@pytest.mark.parametrize(("text", "code"), [("……", "empty_resolution"), ("已处理，谢谢！", "stock_resolution")])
def test_a_resolution_that_says_nothing_is_refused(door, accepted, text, code):
    refused = door.command(accepted["id"], "resolve", by="staff-1", text=text)
    assert (refused.status_code, refused.json()["code"]) == (422, code)


def test_three_attempts_at_once_are_one_and_close_nothing(door, resolved, problem):
    door.done(resolved["id"], "feedback", reached=False)
    for contact in ("sms", "visit"):
        problem(door.command(resolved["id"], "feedback", reached=False, contact=contact), 409, "attempt_too_soon")
    assert door.done(resolved["id"], "feedback", reached=True, solved=True)["status"] == "closed"
    assert door.happened(resolved["id"]).count("FeedbackAttempted") == 1


def test_a_named_person_may_close_or_open_again(door, resolved):
    closed = door.done(resolved["id"], "close", reason="当面确认")
    assert closed["status"] == "closed"
    door.done(closed["id"], "reopen", reason="第二天又坏了")
    assert door.becomes(closed["id"], "routed")["tier"] == "community"


def test_confirm_ends_the_review(door):
    petition = door.filed(text="The light in our stairwell has been broken for two weeks, please send somebody.")
    assert "ReviewRequested" in door.happened(petition["id"])
    door.done(petition["id"], "confirm", by="reviewer-1")
    review = {one["name"]: one["state"] for one in door.read(petition["id"])["deadlines"]}["review"]
    assert review == "met"


def test_reassess_moves_it_up_when_the_reading_asks_for_more(door, routed):
    door.done(routed["id"], "reassess", kind="PIPE", severity="urgent", reason="整栋楼停水")
    petition = door.becomes(routed["id"], "routed", tier="district")
    assert (petition["kind"]["code"], petition["department"]["code"]) == ("PIPE", "D-WATER")


def test_place_brings_it_to_the_unit_that_a_person_names(door):
    petition = door.filed(kind="LAMP")
    assert petition["unit"]["code"] == "D"
    placed = door.done(petition["id"], "place", unit="SB11")
    assert (placed["unit"]["code"], placed["place"]["unit"]) == ("SB11", "SB11")


@pytest.mark.parametrize("target", [{"unit": "SB11"}, {"department": "SB-CITY"}])
def test_move_sends_it_where_a_person_says(door, routed, target):
    petition = door.done(routed["id"], "move", reason="不在本辖区", **target)
    ((name, code),) = target.items()
    assert petition[name]["code"] == code
    assert door.timeline(routed["id"])[-1]["data"]["reason"] == "不在本辖区"


def test_escalate_sends_it_one_tier_up(door, routed):
    door.done(routed["id"], "escalate", reason="涉及多户")
    petition = door.becomes(routed["id"], "routed", tier="community")
    assert petition["unit"]["code"] == "SA1"


def test_a_second_click_on_escalate_does_not_climb_a_second_tier(door, routed, problem):
    door.done(routed["id"], "escalate", reason="涉及多户")
    petition = door.becomes(routed["id"], "routed", tier="community")
    again = door.command(routed["id"], "escalate", by="x", reason="涉及多户")
    assert petition["dispatch"]["id"] in problem(again, 409, "already_escalated")["detail"]
    meant = door.done(routed["id"], "escalate", reason="社区也无力解决", dispatch=petition["dispatch"]["id"])
    assert door.becomes(meant["id"], "routed", tier="street")


def test_a_hand_off_stays_open_until_each_is_told(door, critical):
    assert critical["severity"] == "critical"
    assert critical["hand_off"]["outstanding"] == ["119", "燃气抢修"]
    half = door.done(critical["id"], "confirm-hand-off", to="119")
    assert (half["hand_off"]["outstanding"], half["hand_off"]["confirmed_at"]) == (["燃气抢修"], None)
    assert door.done(critical["id"], "confirm-hand-off", to="燃气抢修")["hand_off"]["confirmed_at"]


@pytest.mark.parametrize(
    ("command", "body", "code"),
    [
        ("resolve", {"text": "好了"}, "not_accepted"),
        ("feedback", {"reached": True, "solved": True}, "not_resolved"),
        ("close", {"reason": "x"}, "not_resolved"),
        ("reopen", {"reason": "x"}, "not_closed"),
        ("confirm-hand-off", {"to": "119"}, "no_hand_off"),
        ("answer-supervision", {"text": "x"}, "no_supervision"),
        ("move", {"unit": "SA11", "reason": "x"}, "nothing_moves"),
        ("accept", {"dispatch": "another"}, "dispatch_not_current"),
        ("escalate", {"reason": "x", "dispatch": "another"}, "already_escalated"),
        ("reassess", {"kind": "LAMP", "severity": "routine", "reason": "x"}, "nothing_changes"),
    ],
)
def test_what_is_not_allowed_now_says_why_and_changes_nothing(door, routed, problem, command, body, code):
    before = door.read(routed["id"])["version"]
    problem(door.command(routed["id"], command, by="x", **body), 409, code)
    assert door.read(routed["id"])["version"] == before


@pytest.mark.parametrize("command", ["accept", "resolve", "move", "place", "escalate"])
def test_a_resolved_round_is_not_handled_any_more(door, resolved, problem, command):
    answer = door.command(resolved["id"], command, by="x", **COMMANDS[command])
    problem(answer, 409, "nothing_to_escalate" if command == "escalate" else "already_resolved")


@pytest.mark.parametrize("command", ["accept", "move", "place"])
def test_an_ended_petition_is_not_handled_any_more(door, resolved, problem, command):
    door.done(resolved["id"], "feedback", reached=True, solved=True)
    problem(door.command(resolved["id"], command, by="x", **COMMANDS[command]), 409, "petition_ended")


def test_above_the_top_there_is_nothing(door, problem):
    petition = door.filed(kind="PIPE", place={"unit": "SA11"})
    problem(door.command(petition["id"], "escalate", by="x", reason="x"), 409, "no_tier_above")


def test_a_petition_never_goes_to_whom_it_complains_about(door, problem):
    petition = door.filed(kind="LAMP", place={"unit": "SA11"}, about="SB1")
    problem(door.command(petition["id"], "move", by="x", unit="SB1", reason="x"), 409, "complained_about")


@pytest.mark.parametrize(
    ("kind", "unit", "code"),
    [("LAMP", "SA1P", "partner_without_power"), ("LAMP", "SA21", "nobody_there"), ("STALL", "SA1", "below_authority")],
)
def test_move_is_refused_where_nobody_could_act(door, problem, kind, unit, code):
    petition = door.filed(kind=kind, place={"unit": "SA11"})
    problem(door.command(petition["id"], "move", by="x", unit=unit, reason="x"), 409, code)


@pytest.mark.parametrize(
    ("command", "body", "code"),
    [
        ("place", {"unit": "nowhere"}, "unknown_unit"),
        ("move", {"unit": "nowhere", "reason": "x"}, "unknown_unit"),
        ("move", {"department": "nobody", "reason": "x"}, "unknown_department"),
        ("reassess", {"kind": "nothing", "reason": "x"}, "unknown_kind"),
        ("reassess", {"severity": "critical", "reason": "x"}, "nobody_to_tell"),
    ],
)
def test_codes_that_nobody_knows_are_refused(door, routed, problem, command, body, code):
    problem(door.command(routed["id"], command, by="x", **body), 422, code)


@pytest.mark.parametrize(
    ("command", "body", "pointer"),
    [
        ("accept", {}, "/by"),
        ("accept", {"by": "x", "why": 1}, "/why"),
        ("resolve", {"by": "x"}, "/text"),
        ("resolve", {"by": "x", "text": ""}, "/text"),
        ("resolve", {"by": "x", "text": "x", "result": "换了灯泡"}, "/result"),
        ("resolve", {"by": "x", "text": "x" * 4_001}, "/text"),
        ("resolve", {"by": "x", "text": "x", "attachments": [{"url": "file:///etc/passwd"}]}, "/attachments/0/url"),
        ("reassess", {"by": "x", "reason": "x", "severity": "grave"}, "/severity"),
        ("reassess", {"by": "x", "severity": "urgent"}, "/reason"),
        ("reassess", {"by": "x", "reason": "x", "kind": ""}, "/kind"),
        ("escalate", {"by": "x", "reason": "x", "dispatch": ""}, "/dispatch"),
        ("confirm-hand-off", {"by": "x", "to": ""}, "/to"),
        ("move", {"by": "x", "unit": "SA11"}, "/reason"),
        ("move", {"by": "x", "reason": "x"}, ""),
        ("move", {"by": "x", "reason": "x", "unit": "SA11", "department": "D-WATER"}, ""),
        ("feedback", {"by": "x"}, "/reached"),
        ("feedback", {"reached": "yes"}, "/reached"),
        ("confirm", {"by": 7}, "/by"),
    ],
)
def test_a_command_that_does_not_fit_is_refused_with_a_pointer(door, routed, problem, command, body, pointer):
    problem(door.command(routed["id"], command, **body), 422, "invalid", pointer)


@pytest.mark.parametrize("blank", [" ", "\t\n", "\u3000", "\u00a0\u2003", "\u200b\u2060\ufeff", "\u3164", "\ufe0f"])
@pytest.mark.parametrize("pointer", ["/by", "/text"])
def test_nobody_and_nothing_is_no_person_and_no_reason(door, routed, problem, pointer, blank):
    body = {"by": "gw-17", "text": "已更换", pointer[1:]: blank}
    problem(door.command(routed["id"], "resolve", **body), 422, "invalid", pointer)


def test_an_answer_of_somebody_reached_must_say_whether_it_is_solved(door, resolved, problem):
    problem(door.command(resolved["id"], "feedback", reached=True, by="x"), 422, "no_answer")


@pytest.mark.parametrize("command", LATER)
def test_a_command_that_is_not_built_is_not_found(door, routed, problem, command):
    problem(door.command(routed["id"], command, by="x"), 404, "not_found")


@pytest.mark.parametrize("command", sorted(COMMANDS))
@pytest.mark.parametrize("petition", ["01a20a62-d504-7503-b778-98728c567667", "not-an-id"])
def test_no_command_finds_a_petition_that_is_not_there(door, problem, command, petition):
    problem(door.command(petition, command, by="x", **COMMANDS[command]), 404, "not_found")


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_every_command_wants_json(door, routed, problem, command):
    answer = door.http.post(
        f"/v1/petitions/{routed['id']}/{command}", content=b"by=x", headers={"Content-Type": "text/plain"}
    )
    problem(answer, 415, "not_json")


def test_refusals_are_in_chinese_for_who_prefers_it(door, routed):
    answer = door.command(routed["id"], "resolve", by="x", text="x", headers={"Accept-Language": "zh"})
    assert answer.json()["detail"] == "该派单尚未签收，请先签收；如办结的是此前由您负责的派单，请写明该派单编号。"


def test_a_danger_that_is_told_of_later_goes_up_and_is_told_to_who_must_know(door):
    """The whole is read again: what was a lamp is a leak now."""
    accepted = door.done(door.filed(text="三单元楼道灯不亮", place={"unit": "SA11"})["id"], "accept")
    door.done(accepted["id"], "supplement", text="现在楼道里燃气泄漏，味道很大", by="op-1")
    petition = door.until(accepted["id"], lambda now: now["department"] is not None and now["hand_off"])
    assert (petition["severity"], petition["kind"]["code"], petition["department"]["code"]) == (
        "critical",
        "GAS",
        "D-GAS",
    )
    assert petition["hand_off"]["outstanding"] == ["119", "燃气抢修"]
    assert [(one["number"], one["text"]) for one in petition["supplements"]] == [(1, "现在楼道里燃气泄漏，味道很大")]
    assert petition["text"] == accepted["text"]


def test_nothing_is_added_without_a_word_or_a_file(door, routed, problem):
    problem(door.command(routed["id"], "supplement", by="op-1", text=" "), 422, "nothing_added")
    photo = {"url": "https://files.example/1.jpg", "media_type": "image/jpeg"}
    added = door.done(routed["id"], "supplement", attachments=[photo])
    assert added["version"] == routed["version"] + 1
    assert [(one["text"], one["attachments"]) for one in added["supplements"]] == [("", [{**photo, "sha256": None}])]
