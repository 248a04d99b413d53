"""A command made for one version, or repeated with its key: carried out once."""

from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest


def test_if_match_takes_the_version_that_was_read(door, routed):
    answer = door.command(routed["id"], "accept", by="x", headers={"If-Match": f'"{routed["version"]}"'})
    assert answer.status_code == 200


@pytest.mark.parametrize("tag", ['"1"', '"99"', '"x"', "x", "", ",", '"1", "2"', '"²"', '"-1"', '"' + "9" * 5000 + '"'])
def test_if_match_of_another_version_means_read_again(door, routed, problem, tag):
    headers = {"If-Match": tag.encode("latin-1")}
    problem(door.command(routed["id"], "accept", by="x", headers=headers), 412, "stale")
    assert door.read(routed["id"])["status"] == "routed"


@pytest.mark.parametrize(
    "tag", ["*", 'W/"{version}"', "{version}", '"1", "{version}"', 'W/"{version}" , "x"', '"99","{version}","1"']
)
def test_if_match_in_its_other_forms(door, routed, tag):
    headers = {"If-Match": tag.format(version=routed["version"])}
    assert door.command(routed["id"], "accept", by="x", headers=headers).status_code == 200


def test_of_two_commands_on_one_version_exactly_one_is_carried_out(door, routed):
    headers = {"If-Match": f'"{routed["version"]}"'}
    with ThreadPoolExecutor(8) as many:
        answers = list(
            many.map(
                lambda unit: door.command(routed["id"], "move", by="x", unit=unit, reason="x", headers=headers),
                ["SA12", "SB11", "SA1", "SB1", "SA2", "SA", "SB", "D"],
            )
        )
    assert sorted(answer.status_code for answer in answers) == [200] + [412] * 7


def test_commands_at_once_without_if_match_are_judged_one_after_the_other(door, routed):
    with ThreadPoolExecutor(8) as many:
        answers = list(many.map(lambda _: door.command(routed["id"], "accept", by="x"), range(8)))
    assert {answer.status_code for answer in answers} == {200}
    assert door.happened(routed["id"]).count("DispatchAccepted") == 1


def test_a_command_with_a_key_is_carried_out_once(door, resolved):
    headers = {"Idempotency-Key": uuid4().hex}
    first = door.command(resolved["id"], "feedback", reached=False, headers=headers)
    again = door.command(resolved["id"], "feedback", reached=False, headers=headers)
    assert "idempotency-replayed" not in first.headers
    assert again.headers["idempotency-replayed"] == "true"
    assert door.happened(resolved["id"]).count("FeedbackAttempted") == 1


def test_a_retry_finds_its_own_work_also_when_it_would_be_refused_now(door, accepted):
    headers = {"Idempotency-Key": uuid4().hex}
    assert door.command(accepted["id"], "resolve", by="x", text="好了", headers=headers).status_code == 200
    again = door.command(accepted["id"], "resolve", by="x", text="好了", headers=headers)
    assert (again.status_code, again.json()["status"]) == (200, "resolved")


def test_a_retry_finds_its_own_work_also_with_the_old_etag(door, routed):
    headers = {"Idempotency-Key": uuid4().hex, "If-Match": f'"{routed["version"]}"'}
    answers = [door.command(routed["id"], "accept", by="x", headers=headers) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]


def test_a_command_key_with_another_body_or_command_is_refused(door, accepted, problem):
    headers = {"Idempotency-Key": uuid4().hex}
    door.command(accepted["id"], "resolve", by="x", text="好了", headers=headers)
    problem(door.command(accepted["id"], "resolve", by="x", text="真好了", headers=headers), 422, "key_reused")
    problem(door.command(accepted["id"], "accept", by="x", headers=headers), 422, "key_reused")


def test_a_command_with_a_key_at_the_same_time_is_carried_out_once(door, resolved):
    headers = {"Idempotency-Key": uuid4().hex}
    with ThreadPoolExecutor(8) as many:
        answers = list(
            many.map(lambda _: door.command(resolved["id"], "feedback", reached=False, headers=headers), range(12))
        )
    assert {answer.status_code for answer in answers} == {200}
    assert door.happened(resolved["id"]).count("FeedbackAttempted") == 1


def test_a_withdrawal_meets_an_acceptance(door):
    """Whichever is first: what was taken back is never accepted afterwards, and both callers are told so."""
    for _ in range(12):
        petition = door.filed(kind="LAMP", place={"unit": "SA11"})["id"]
        with ThreadPoolExecutor(2) as both:
            taken = both.submit(door.command, petition, "accept", by="gw-1")
            back = both.submit(door.command, petition, "withdraw", by="op-1", reason="已自行解决")
        assert back.result().status_code == 200
        answer = taken.result()
        assert answer.status_code == 200 or answer.json()["code"] == "petition_ended"
        happened = door.happened(petition)
        assert happened[-1] == "PetitionWithdrawn"
        assert ("DispatchAccepted" in happened) == (answer.status_code == 200)
        assert door.read(petition)["status"] == "withdrawn"


def test_what_is_added_meets_a_withdrawal(door):
    """Whichever is first: nothing is added to what was taken back, and both callers are told so."""
    for _ in range(8):
        petition = door.filed(kind="LAMP", place={"unit": "SA11"})["id"]
        with ThreadPoolExecutor(2) as both:
            added = both.submit(door.command, petition, "supplement", by="op-1", text="三单元也不亮")
            back = both.submit(door.command, petition, "withdraw", by="op-2", reason="已自行解决")
        assert back.result().status_code == 200
        answer = added.result()
        assert answer.status_code == 200 or answer.json()["code"] == "petition_ended"
        happened = door.happened(petition)
        assert happened[-1] == "PetitionWithdrawn"
        assert ("PetitionSupplemented" in happened) == (answer.status_code == 200)
