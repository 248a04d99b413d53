"""What a resident says of a resolution, as a caller-back sends it."""

import pytest

from services.chassis.policy_files import read_bundle
from tests.serving import DISTRICT, in_thread


@pytest.fixture
def resolved(door):
    return _mended(door)


@pytest.fixture
def critical(door):
    return _stopped(door)


def _mended(door):
    """A lamp in a grid that was just reported as mended."""
    petition = door.filed(kind="LAMP", place={"unit": "SA11"})
    door.done(petition["id"], "accept")
    return door.done(petition["id"], "resolve", text="已更换声控开关")


def _stopped(door):
    """A gas leak that was just reported as mended."""
    petition = door.filed(text="现在楼道里燃气泄漏，味道很大", place={"unit": "SA11"})
    door.done(petition["id"], "accept")
    return door.done(petition["id"], "resolve", text="已关阀")


@pytest.mark.parametrize(
    ("command", "body"),
    [
        ("feedback", {"reached": True, "solved": True}),
        ("close", {"reason": "已协商"}),
        ("reopen", {"reason": "又坏了"}),
    ],
)
def test_nobody_has_to_wait_for_the_asking(door, resolved, command, body):
    assert door.done(resolved["id"], command, **body)["status"] != "resolved"
    assert [item["type"] for item in door.timeline(resolved["id"])].count("FeedbackRequested") == 1


@pytest.mark.parametrize("text", ["", " \u3000", "\u200b"])
def test_what_a_resident_said_is_taken_as_it_came(door, resolved, text):
    door.done(resolved["id"], "feedback", reached=False, text=text)
    assert door.timeline(resolved["id"])[-1]["data"]["text"] == text


@pytest.mark.parametrize(
    ("answer", "pointer"),
    [({"solved": True}, "/solved"), ({"solved": False}, "/solved"), ({"satisfied": False}, "/satisfied")],
)
def test_nobody_who_was_not_reached_has_answered(door, resolved, problem, answer, pointer):
    problem(door.command(resolved["id"], "feedback", reached=False, **answer), 422, "invalid", pointer)
    door.done(resolved["id"], "feedback", reached=False, solved=None, satisfied=None)


def test_the_answer_on_a_critical_petition_is_taken_down_by_a_named_person(door, critical, problem):
    answer = door.command(critical["id"], "feedback", reached=True, solved=True)
    problem(answer, 422, "person_needed")
    assert door.done(critical["id"], "feedback", by="caller-3", reached=True, solved=True)["status"] == "closed"


def test_once_nobody_was_reached_often_enough_it_is_closed_and_of_what_is_critical_a_superior_is_asked(tmp_path):
    bundle = read_bundle(DISTRICT)
    once = bundle.model_copy(update={"limits": bundle.limits.model_copy(update={"feedback_attempts": 1})})
    with in_thread(tmp_path / "data", district=None) as door:
        door.publish(once)
        lamp, leak = _mended(door), _stopped(door)
        assert door.done(lamp["id"], "feedback", reached=False)["status"] == "closed"
        assert door.timeline(lamp["id"])[-1]["data"]["outcome"] == "not_reached"
        assert door.done(leak["id"], "feedback", reached=False)["status"] == "resolved"
        states = {one["name"]: one["state"] for one in _supervised(door, leak)["deadlines"]}
        assert states["feedback:1"] == "met"


def test_until_it_is_routed_again_a_reopened_petition_names_its_last_dispatch_as_nobodys(door, resolved):
    door.done(resolved["id"], "feedback", reached=True, solved=False)
    door.becomes(resolved["id"], "routed")
    [version] = [one["version"] for one in door.timeline(resolved["id"]) if one["type"] == "PetitionReopened"]
    waiting = door.read(resolved["id"], as_of=version)
    assert waiting["status"] == "assessed"
    assert waiting["dispatch"] == resolved["dispatch"] | {"accepted_at": None}


@pytest.mark.parametrize(
    ("told", "status", "tier"),
    [({"text": "法院判决不服", "kind": "COURT"}, "referred", "community"), ({"text": ""}, "declined", "grid")],
)
def test_what_was_turned_away_is_opened_again_by_a_named_person_and_routed(door, told, status, tier):
    petition = door.becomes(door.file(**told, place={"unit": "SA11"}).json()["id"], status)
    door.done(petition["id"], "reopen", reason="不是涉诉事项")
    routed = door.becomes(petition["id"], "routed")
    assert (routed["tier"], routed["dispatch"]["round"], routed["disposition"]) == (tier, 2, "handle")
    assert {one["name"].partition(":")[0] for one in routed["deadlines"] if one["state"] == "open"} == {
        "accept", "resolve"
    }  # fmt: skip


def test_a_photograph_without_words_is_for_somebody_to_look_at(door):
    photo = {"url": "https://example.org/1.jpg"}
    petition = door.file(text="", attachments=[photo], place={"unit": "SA11"}).json()["id"]
    assert door.becomes(petition, "routed")["disposition"] == "ask"


def _supervised(door, petition):
    return door.until(petition["id"], lambda now: "supervise:1" in [one["name"] for one in now["deadlines"]])
