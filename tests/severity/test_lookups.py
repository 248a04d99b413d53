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
from tests.given import DISTRICT, T0
from tests.past import filed

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


async def read(policy: Policy, *texts: str) -> list[Any]:
    heard = [recorded(petition, text) for petition, text in zip((FIRST, SECOND), texts, strict=True)]
    facts = await for_batch(heard, Ground(T0, policy, Keyring()))  # type: ignore[arg-type]
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
