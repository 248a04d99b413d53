"""An event is the same on Kafka as in the log: the same bytes each time, and nothing lost on the way back."""

from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.cloudevents import Logged, Message, NotOurMessage, decode, encode, encode_dead_letter, encode_dispatch
from schemas.dead_letter import DeadLetter
from schemas.dispatches import DispatchIssued
from tests.given import PETITION, T0, later

ROUTED = Logged(
    partition=5,
    position=1207,
    petition=PETITION,
    version=3,
    type="PetitionRouted",
    schema_version=1,
    data=(Path(__file__).parent / "golden" / "PetitionRouted.v1.json").read_text(encoding="utf-8"),
    service="router",
    causation=f"{PETITION}:2",
    by="s-17",
    recorded_at=1_795_000_000_123_456,
)
TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1)
NUMBER = st.integers(1, 2**63 - 1)
END_OF_9999 = 253_402_300_799_999_999
LOGGED = st.builds(
    Logged,
    partition=st.integers(0, 15),
    position=NUMBER,
    petition=st.uuids(),
    version=NUMBER,
    type=st.from_regex(r"[A-Z][A-Za-z0-9]{0,30}", fullmatch=True),
    schema_version=st.integers(1, 99_999),
    data=TEXT,
    service=TEXT,
    causation=TEXT,
    by=st.none() | TEXT,
    recorded_at=st.integers(0, END_OF_9999),
    traceparent=st.none() | TEXT,
)


def test_a_record_says_who_what_where_and_when_in_its_headers():
    key, value, headers = encode(ROUTED, "epoch-1")
    assert (key, value) == (str(PETITION).encode(), ROUTED.data.encode())
    assert dict(headers) == {
        "ce_specversion": b"1.0",
        "ce_id": f"{PETITION}:3".encode(),
        "ce_type": b"gridcase.PetitionRouted.v1",
        "ce_source": b"router",
        "ce_subject": str(PETITION).encode(),
        "ce_time": b"2026-11-18T11:06:40.123456Z",
        "ce_sequence": b"1207",
        "ce_storeepoch": b"epoch-1",
        "ce_causation": f"{PETITION}:2".encode(),
        "ce_by": b"s-17",
        "content-type": b"application/json",
    }
    assert len(headers) == len(dict(headers))


def test_nobody_and_no_trace_are_no_headers():
    assert {"ce_by", "traceparent"}.isdisjoint(dict(encode(ROUTED._replace(by=None), "e").headers))
    assert dict(encode(ROUTED._replace(traceparent="00-ab-cd-01"), "e").headers)["traceparent"] == b"00-ab-cd-01"


@given(LOGGED, TEXT)
def test_what_was_written_is_read_and_written_again_byte_for_byte(logged, epoch):
    message = encode(logged, epoch)
    assert decode(*message, logged.partition) == (logged, epoch)
    assert encode(Logged(*logged), epoch) == message


@given(LOGGED)
def test_no_order_of_headers_and_no_header_of_others_changes_what_is_read(logged):
    key, value, headers = encode(logged, "e")
    others = [("x-mirror", b"a"), *reversed(headers), ("x-mirror", None)]
    assert decode(key, value, others, logged.partition) == (logged, "e")


def planted(header: str, value: bytes | None) -> Message:
    """The record with this header instead; without it when the value is None."""
    key, stored, headers = encode(ROUTED, "epoch-1")
    kept = [(name, old) for name, old in headers if name != header]
    return Message(key, stored, kept if value is None else [*kept, (header, value)])


REFUSED = [
    ("ce_specversion", b"0.3"),
    ("ce_id", f"{PETITION}".encode()),
    ("ce_id", f"{PETITION}:0".encode()),
    ("ce_id", f"{PETITION}:03".encode()),
    ("ce_id", f"{PETITION}:3:SA11".encode()),
    ("ce_id", f"{PETITION}:3\n".encode()),
    ("ce_id", f"{str(PETITION).upper()}:3".encode()),
    ("ce_type", b"com.example.PetitionRouted.v1"),
    ("ce_type", b"gridcase.PetitionRouted"),
    ("ce_type", b"gridcase.PetitionRouted.v0"),
    ("ce_source", b""),
    ("ce_source", b"\xff"),
    ("ce_subject", str(UUID(int=7)).encode()),
    ("ce_time", b"2026-11-23T01:02:03Z"),
    ("ce_time", b"2026-11-23T01:02:03.456789+08:00"),
    ("ce_time", b"2026-13-23T01:02:03.456789Z"),
    ("ce_sequence", b"-1"),
    ("ce_sequence", b" 7"),
    ("ce_sequence", b"07"),
    ("ce_sequence", b"1" * 20),
    ("ce_sequence", "７".encode()),
    ("ce_storeepoch", b""),
    ("ce_causation", b""),
    ("ce_by", b"\xff"),
    ("content-type", b"application/cloudevents+json"),
]


@pytest.mark.parametrize(("header", "value"), REFUSED)
def test_what_is_no_such_record_is_refused_by_the_name_of_the_header(header, value):
    with pytest.raises(NotOurMessage, match=rf"^{header} ") as refused:
        decode(*planted(header, value), 5)
    assert refused.value.header == header


@pytest.mark.parametrize("header", [name for name, _ in encode(ROUTED._replace(by=None), "e").headers])
def test_a_header_that_is_missing_or_stands_twice_is_refused_by_its_name(header):
    key, value, headers = encode(ROUTED, "e")
    twice = [*headers, (header, dict(headers)[header])]
    empty = [(name, None if name == header else held) for name, held in headers]
    for wrong in (planted(header, None).headers, twice, empty):
        with pytest.raises(NotOurMessage) as refused:
            decode(key, value, wrong, 5)
        assert refused.value.header == header


@pytest.mark.parametrize("key", [None, b"", str(UUID(int=7)).encode()])
def test_the_key_must_be_the_petition(key):
    with pytest.raises(NotOurMessage, match=r"^key "):
        decode(key, b"{}", encode(ROUTED, "e").headers, 5)


@pytest.mark.parametrize("value", [None, b"", b"\xff"])
def test_a_record_without_a_value_is_refused(value):
    with pytest.raises(NotOurMessage, match=r"^value "):
        decode(encode(ROUTED, "e").key, value, encode(ROUTED, "e").headers, 5)


def test_a_refusal_repeats_nothing_of_the_record():
    with pytest.raises(NotOurMessage) as refused:
        decode(*planted("ce_id", "王女士".encode()), 5)
    assert "王" not in str(refused.value)


def test_a_receivers_record_has_its_code_as_the_key_and_the_news_as_json():
    issued = DispatchIssued(
        id=f"{PETITION}:3:SA-CG", at=T0, petition=PETITION, version=3, number="20261123-05-1",
        dispatch=f"{PETITION}:3", target="SA-CG", unit="SA", department="SA-CG", tier="street", severity="urgent",
        mode="assigned", round=1, resolve_by=later(hours=48), reason="assessed", link=f"/v1/petitions/{PETITION}",
    )  # fmt: skip
    key, value, headers = encode_dispatch(issued, "epoch-1")
    assert (key, DispatchIssued.model_validate_json(value)) == (b"SA-CG", issued)
    assert dict(headers) == {
        "ce_specversion": b"1.0",
        "ce_id": f"{PETITION}:3:SA-CG".encode(),
        "ce_type": b"gridcase.DispatchIssued.v1",
        "ce_source": b"router",
        "ce_subject": str(PETITION).encode(),
        "ce_time": b"2026-11-23T01:00:00.000000Z",
        "ce_storeepoch": b"epoch-1",
        "ce_causation": f"{PETITION}:3".encode(),
        "content-type": b"application/json",
    }
    assert encode_dispatch(issued.model_copy(), "epoch-1") == (key, value, headers)


def test_a_dead_letters_record_says_who_could_not_handle_what_and_points_there():
    letter = DeadLetter(
        at=T0, subscriber="router", stream=PETITION, event=f"{PETITION}:3", partition=5, position=7,
        reason="UnreadableStream", error="UnreadableStream at fold:12", attempts=2,
    )  # fmt: skip
    key, value, headers = encode_dead_letter(letter, "epoch-1")
    assert (key, DeadLetter.model_validate_json(value)) == (str(PETITION).encode(), letter)
    assert dict(headers) == {
        "ce_specversion": b"1.0",
        "ce_id": f"router:{PETITION}:5:7:1795395600000000".encode(),
        "ce_type": b"gridcase.DeadLetter.v1",
        "ce_source": b"router",
        "ce_subject": str(PETITION).encode(),
        "ce_time": b"2026-11-23T01:00:00.000000Z",
        "ce_storeepoch": b"epoch-1",
        "content-type": b"application/json",
    }
