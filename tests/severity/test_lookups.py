"""The words of a batch are read each for itself: what stops one reading stops no other."""

from typing import Any
from uuid import UUID

from schemas.event import AnyRecorded, EventRef, Recorded
from schemas.policy import Policy, Sign
from schemas.sealed import Sealed
from services.chassis.sealing import Keys, PetitionKey
from services.chassis.service import Ground
from services.chassis.sign_patterns import NoPattern
from severity.lookups import for_batch
from severity.policy import Reading, SeverityPolicy
from severity.signs import SlowSign
from tests.given import DISTRICT, PETITION, T0
from tests.given import recorded as recorded_life
from tests.past import filed, reassessed, supplemented

FIRST, SECOND = UUID(int=1), UUID(int=2)


class Keyring:
    """Has a key for every petition."""

    async def get(self, streams: list[UUID]) -> Keys:
        return Keys({stream: PetitionKey(stream, bytes(32)) for stream in streams})


def recorded(petition: UUID, text: str) -> AnyRecorded:
    event = filed().model_copy(update={"text": Sealed.of(text)})
    return Recorded(EventRef(petition, 1), petition, 1, 0, 1, event, "intake", "x", None, T0)


def saying(words: str) -> Policy:
    """The small district, stored by a release that refused less, with one more expression."""
    kind = DISTRICT.bundle.kinds[0]
    odd = kind.model_copy(update={"signs": (*kind.signs, Sign(words=words, regex=True))})
    return Policy(9, DISTRICT.bundle.model_copy(update={"kinds": (odd, *DISTRICT.bundle.kinds[1:])}))


async def nothing(petitions: Any) -> dict[UUID, Any]:
    """No petition of the batch was supplemented, so none is loaded."""
    raise AssertionError(petitions)


async def read(policy: Policy, *texts: str) -> list[Any]:
    heard = [recorded(petition, text) for petition, text in zip((FIRST, SECOND), texts, strict=True)]
    facts = await for_batch(heard, Ground(T0, policy, Keyring(), nothing))  # type: ignore[arg-type]
    return [facts.readings[one.ref] for one in heard]  # type: ignore[attr-defined]


async def test_a_text_that_an_expression_is_slow_on_is_left_and_the_next_is_read():
    slow, quick = await read(saying("(?:灯|灯灯)+坏"), "灯" * 90 + "x坏", "楼道灯不亮")
    assert isinstance(slow, SlowSign)
    assert isinstance(quick, Reading)


async def test_a_moment_in_which_the_machine_stood_still_is_no_slow_expression(monkeypatch):
    seen: list[str] = []
    whole = SeverityPolicy.read

    def stands_still(policy: SeverityPolicy, *, text: str, **rest: Any) -> Reading:
        seen.append(text)
        if len(seen) == 1:
            raise SlowSign("LAMP:1")
        return whole(policy, text=text, **rest)

    monkeypatch.setattr(SeverityPolicy, "read", stands_still)
    readings = await read(DISTRICT, "楼道灯不亮", "噪音")
    assert [type(one) for one in readings] == [Reading, Reading]
    assert seen == ["楼道灯不亮", "楼道灯不亮", "噪音"]


async def test_an_expression_that_no_longer_compiles_parks_petitions_and_stops_nothing():
    assert [type(one) for one in await read(saying("灯[中-個]"), "灯", "水")] == [NoPattern, NoPattern]


async def test_what_is_added_is_read_with_what_was_said_before_and_nothing_that_came_after():
    life = [filed(text="楼道灯不亮"), supplemented("门口占道"), supplemented("现在燃气泄漏", 2)]
    stream = recorded_life(*life)
    loaded: list[set[UUID]] = []

    async def load(petitions: set[UUID]) -> dict[UUID, Any]:
        loaded.append(petitions)
        return {PETITION: stream}

    facts = await for_batch(stream, Ground(T0, DISTRICT, Keyring(), load))  # type: ignore[arg-type]
    readings = [facts.readings[one.ref] for one in stream]  # type: ignore[attr-defined]
    assert [(one.kind, one.severity.value) for one in readings] == [
        ("LAMP", "routine"), ("LAMP", "routine"), ("GAS", "critical"),
    ]  # fmt: skip
    assert loaded == [{PETITION}]


async def test_after_a_persons_word_only_what_was_added_since_is_read():
    """The gas was a false alarm, as a person found; that somebody asks again does not make it one again."""
    life = [
        filed(text="现在燃气泄漏"),
        reassessed("LAMP"),
        supplemented("还是没有人来修灯"),
        supplemented("又闻到燃气泄漏", 2),
    ]
    stream = recorded_life(*life)

    async def load(petitions: set[UUID]) -> dict[UUID, Any]:
        return {PETITION: stream}

    facts = await for_batch(stream[2:], Ground(T0, DISTRICT, Keyring(), load))  # type: ignore[arg-type]
    assert [facts.readings[one.ref].severity.value for one in stream[2:]] == ["routine", "critical"]  # type: ignore[attr-defined]
