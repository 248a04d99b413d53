"""领单: many want one dispatch at the same moment."""

from concurrent.futures import ThreadPoolExecutor

import pytest

CLAIMERS = 16
OPEN = 200


@pytest.fixture(scope="module")
def put_before_all(door):
    return [door.filed(kind="BENCH", place={"unit": "SA1"}) for _ in range(OPEN)]


def test_of_many_claimers_exactly_one_has_each_and_the_others_hear_who(door, put_before_all):
    assert {one["dispatch"]["mode"] for one in put_before_all} == {"open"}
    with ThreadPoolExecutor(CLAIMERS) as many:
        asked = [(one["id"], f"w-{number}") for one in put_before_all for number in range(CLAIMERS)]
        answers = list(many.map(lambda ask: door.command(ask[0], "claim", by=ask[1], unit="SA1P"), asked))
    for number, one in enumerate(put_before_all):
        mine = answers[number * CLAIMERS : (number + 1) * CLAIMERS]
        won = [
            by for (_, by), answer in zip(asked[number * CLAIMERS :], mine, strict=False) if answer.status_code == 200
        ]
        assert len(won) == 1
        lost = [answer.json() for answer in mine if answer.status_code != 200]
        assert {said["code"] for said in lost} == {"already_claimed"}
        assert all(won[0] in said["detail"] for said in lost)
        assert door.happened(one["id"]).count("DispatchClaimed") == 1
        now = door.read(one["id"])
        assert (now["dispatch"]["partner"]["code"], now["responsible"]["unit"]) == ("SA1P", "SA1")


def test_a_partner_finds_what_it_claimed_in_its_worklist_tells_of_it_and_reports_it_done(door, problem):
    petition = door.filed(kind="BENCH", place={"unit": "SA1"})["id"]
    door.done(petition, "claim", unit="SA1P", by="wy-2")
    door.settled()
    for unit in ("SA1P", "SA1"):
        listed = door.http.get(f"/v1/units/{unit}/worklist", params={"limit": 500}).json()["items"]
        [found] = [one for one in listed if one["id"] == petition]
        assert (found["unit"]["code"], found["partner"]["code"]) == ("SA1", "SA1P")
    for lang, claimed in (("zh", "由合伙人东一社区物业领取"), ("en", "claimed by its partner 东一社区物业")):
        head = door.http.get(f"/petitions/{petition}?lang={lang}").text.partition('<div class="columns">')[0]
        assert claimed in head
        assert claimed in door.http.get(f"/?lang={lang}&kind=BENCH&limit=500").text
    door.http.cookies.clear()
    door.done(petition, "progress", by="wy-2", text="已订螺丝")
    assert door.done(petition, "resolve", by="wy-2", text="已紧固长椅螺丝")["status"] == "resolved"
    [held] = [one for one in door.http.get(f"/v1/petitions/{petition}/explain").json()["responsibility"] if one["unit"]]
    assert held["unit"] == "SA1"


def test_what_a_partner_claimed_goes_back_to_its_unit_when_it_is_graver(door, problem):
    petition = door.filed(kind="BENCH", place={"unit": "SA1"})["id"]
    door.done(petition, "claim", unit="SA1P", by="wy-2")
    door.done(petition, "reassess", severity="urgent", reason="断裂，易伤人")
    now = door.becomes(petition, "routed", severity="urgent")
    assert (now["unit"]["code"], now["dispatch"]["mode"], now["dispatch"]["partner"]) == ("SA1", "assigned", None)
    problem(door.command(petition, "claim", unit="SA1P", by="wy-2"), 409, "not_open_to_claim")


def test_who_asks_to_stay_hidden_is_no_partners_affair(door, problem):
    petition = door.filed(kind="BENCH", place={"unit": "SA1"}, petitioner={"confidential": True})["id"]
    problem(door.command(petition, "claim", unit="SA1P", by="wy-2"), 409, "asks_to_stay_hidden")
    assert door.done(petition, "claim", by="w-1")["responsible"]["unit"] == "SA1"
