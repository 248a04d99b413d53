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
        assert door.read(one["id"])["responsible"]["unit"] == "SA1P"
