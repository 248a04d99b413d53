"""The row that a rebuild makes of a whole petition: the one that the live list came to, event by event."""

import json
from datetime import datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.events import EVENT_TYPES
from schemas.life import Life
from services.chassis.codec import decode, encode_meta
from services.chassis.store.engine import EventRow
from services.console.petition_list import ENDS, life_of, row_of
from tests.schemas.test_golden import PETITION, golden

BEGINS = "PetitionFiled"
FIRST = json.loads(golden(BEGINS))
VARIED = {
    "unit": st.sampled_from(["210211001", "210211002"]),
    "tier": st.sampled_from(["grid", "street"]),
    "department": st.sampled_from(["WATER", None]),
    "kind": st.sampled_from(["S01", "S07"]),
    "severity": st.sampled_from(["routine", "critical"]),
    "disposition": st.sampled_from(["handle", "refer"]),
    "round": st.integers(1, 3),
    "place_unit": st.sampled_from(["210211001001001", None]),
}
"""Other values for fields that are there."""
TELLING = [name for name in EVENT_TYPES if VARIED.keys() & json.loads(golden(name)).keys()]
NAMES = [*EVENT_TYPES, *TELLING, *TELLING, "OfALaterRelease"]
BROKEN_DATA, BROKEN_META, WHOLE = "data", "meta", "whole"


@st.composite
def said(draw, names=st.sampled_from(NAMES)):
    """An event as it stands in the log: name, data, how far after the one before, and what of it is broken."""
    name = draw(names)
    data = json.loads(golden(name)) if name in EVENT_TYPES else {"at": FIRST["at"]}
    data |= {field: draw(values) for field, values in VARIED.items() if field in data}
    later = draw(st.sampled_from([0, 30, 60 * 24]))
    return name, data, later, draw(st.sampled_from([WHOLE] * 8 + [BROKEN_DATA, BROKEN_META]))


def stream_of(events):
    at, rows = datetime.fromisoformat(FIRST["at"]), []
    for version, (name, data, later, state) in enumerate(events, 1):
        at += timedelta(minutes=later)
        text = "{}" if state == BROKEN_DATA else json.dumps(data | {"at": at.isoformat()})
        meta = "{}" if state == BROKEN_META else encode_meta("a service", "a cause", None, None)
        rows.append(EventRow(5, version + 7, PETITION, version, name, 1, text, meta, version * 1_000_000))
    return rows


def live(stream):
    life = Life(PETITION)
    for row in stream:
        life.hear(decode(row))
    return life


def shown(life):
    return None if life.filed is None else row_of(life)


ENDINGS = said(st.sampled_from([event.__name__ for event in ENDS]))
LIVES = st.tuples(
    st.one_of(said(st.just(BEGINS)), said()), st.lists(said(), max_size=12), st.lists(ENDINGS, max_size=1)
)


@settings(max_examples=400)
@given(LIVES)
def test_it_is_the_same_whatever_was_said_in_whatever_order_and_however_it_ended(events):
    first, then, last = events
    stream = stream_of([first, *then, *last])
    assert shown(life_of(stream)) == shown(live(stream))


def test_of_a_petition_that_ended_only_what_its_row_shows_is_read(monkeypatch):
    read = []
    monkeypatch.setattr("services.console.petition_list.decode", lambda row: read.append(row.type) or decode(row))
    names = [BEGINS, "SeverityAssessed", "PetitionRouted", "DispatchAccepted", "ResolutionReported", "PetitionClosed"]
    stream = stream_of([(name, json.loads(golden(name)), 1, WHOLE) for name in names])
    assert shown(life_of(stream)) == shown(live(stream))
    assert sorted(read) == sorted([BEGINS, "SeverityAssessed", "PetitionRouted", "PetitionClosed"])
