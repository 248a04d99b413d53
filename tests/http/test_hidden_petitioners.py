"""Rule 5: who asks is hidden from handlers, on whatever way they look."""

import re
from uuid import uuid4

import pytest

NAME, PHONE = f"欧阳{uuid4().hex}", f"139{uuid4().int % 10**8:08}"
FILER = f"gw-{uuid4().hex}"
CODES = {"code": "SA11", "projection": "petition_list", "version": "1"}


@pytest.fixture(scope="module")
def hidden(door):
    """A confidential petition through a whole round and into the next."""
    who = {"name": NAME, "phone": PHONE, "confidential": True}
    told = {"kind": "LAMP", "place": {"unit": "SA11"}, "filed_by": {"role": "grid_worker", "id": FILER}}
    petition = door.filed(petitioner=who, **told)["id"]
    door.done(petition, "supplement", text="已向社区反映过", by=FILER)
    door.done(petition, "urge", by=FILER)
    door.done(petition, "accept")
    door.done(petition, "progress", text="已联系电工")
    door.done(petition, "resolve", text="已更换声控开关")
    door.done(petition, "feedback", reached=True, solved=False)
    door.becomes(petition, "routed")
    door.settled()
    return petition


def _ways(door, petition):
    """Every address of the contract and of the console that can be read."""
    contract = [path for path, methods in door.http.get("/openapi.json").json()["paths"].items() if "get" in methods]
    for path in (*contract, "/", "/petitions/{petition}", "/metrics"):
        named = path.replace("{petition}", petition)
        yield re.sub(r"{(\w+)}", lambda found: CODES[found[1]], named)


def test_no_answer_and_no_page_says_who_asks(door, hidden):
    ways = list(_ways(door, hidden))
    assert f"/v1/petitions/{hidden}/timeline" in ways
    for way in ways:
        answer = door.http.get(way)
        assert answer.status_code < 500, way
        assert not [one for one in (NAME, PHONE, FILER) if one in answer.text], way


def test_nobody_is_found_by_name_or_number(door, hidden):
    for words in (NAME, PHONE, FILER):
        assert door.listed(q=words)["items"] == []


def test_what_is_answered_to_a_command_says_no_more(door, hidden):
    answer = door.command(hidden, "urge", by="s-1")
    assert answer.status_code == 200
    assert not [one for one in (NAME, PHONE, FILER) if one in answer.text]


def test_who_filed_it_stays_in_the_log_and_others_are_still_named(door, hidden):
    assert door.read(hidden)["filed_by"] is None
    said = [(one["type"], one["by"]) for one in door.timeline(hidden)]
    assert [by for name, by in said if name in ("PetitionFiled", "PetitionSupplemented")] == ["intake", "intake"]
    assert ("DispatchAccepted", "staff-1") in said
