"""What is the affair of one installation does not differ; everything else does."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from tests.cluster.comparing import Moment, Names, differences

HERE = datetime(2026, 11, 22, 8, 30, tzinfo=UTC)
THERE = HERE + timedelta(minutes=7)
HOUR = timedelta(hours=1)
ID = "019aa9d0-0000-7000-8000-0000000000{:02}"


def _events(began: datetime, petition: str, **data: object) -> list[dict[str, object]]:
    names = Names({petition: "petition 0"}, {"key:ab": "key 0-0"})
    filed = {
        "type": "PetitionFiled",
        "cause": names.value(petition),
        "data": {"due": names.value(began + HOUR, (began,))},
    }
    happened = (began, began + HOUR / 2)
    said = {"dispatch": f"{petition}:1", "due": began + HOUR, **data}
    return [filed, {"type": "Accepted", "cause": names.value("key:ab"), "data": names.value(said, happened)}]


def test_ids_and_the_time_of_the_day_do_not_differ():
    here, there = (UUID(ID.format(number)) for number in (1, 2))
    assert list(differences(_events(HERE, str(here), root=here), _events(THERE, str(there), root=there))) == []


@pytest.mark.parametrize(
    ("here", "there"),
    [
        ({"due": HERE + HOUR}, {"due": THERE + HOUR + timedelta(microseconds=1)}),
        ({"tier": "grid"}, {"tier": "street"}),
        ({"tier": "grid"}, {"tier": None}),
        ({"floors": ["a"]}, {"floors": ["a", "b"]}),
        ({"dispatch": f"{ID.format(1)}:1"}, {"dispatch": f"{ID.format(2)}:2"}),
        ({"dispatch": f"{ID.format(1)}:1"}, {"dispatch": f"{ID.format(3)}:1"}),
        ({"root": UUID(ID.format(1))}, {"root": UUID(ID.format(3))}),
    ],
)
def test_any_other_value_differs(here, there):
    assert len(list(differences(_events(HERE, ID.format(1), **here), _events(THERE, ID.format(2), **there)))) == 1


def test_an_event_that_is_missing_differs():
    assert list(differences(_events(HERE, ID.format(1)), _events(THERE, ID.format(2))[:1])) == [": 2 and 1"]


def test_a_given_moment_is_the_same_whenever_it_was_given():
    assert Moment(HERE, (HERE,)).same(Moment(HERE, (THERE,)))


def test_the_words_of_a_resident_are_not_shown():
    (told,) = differences({"text": "我家漏水"}, {"text": "我家没水"})
    assert "水" not in told
