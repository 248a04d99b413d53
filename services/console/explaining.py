"""Why a petition is where it is, as JSON in both languages: what its page says, for programs that show it elsewhere."""

from collections.abc import Sequence

from schemas.event import AnyRecorded
from schemas.petition import Answer
from services.chassis.runtime import Runtime
from services.console.frame import reader_of
from services.console.why import explain, placing
from services.console.words import Lang


class Said(Answer):
    """The same sentence in Chinese and in English."""

    zh: str
    en: str


class FloorSaid(Answer):
    """A floor with its reason in words; `decides` when the petition's tier is this floor's."""

    floor: Said
    tier: Said
    reason: Said
    decides: bool


class Explanation(Answer):
    """Why a petition is where it is after the events up to `version`; `policy` and `dispatch` are null before that."""

    version: int
    policy: int | None
    dispatch: str | None
    placed: Said
    holds: Said | None
    floors: list[FloorSaid]
    notes: list[Said]


def explained(stream: Sequence[AnyRecorded], runtime: Runtime) -> Explanation:
    """The explanation that the events of a petition give, with the names of the policy that placed it."""
    placed = placing(stream)
    policy = runtime.policies.version(placed.event.policy) if placed else None
    zh, en = (explain(stream, reader_of(runtime, lang, policy)) for lang in (Lang.ZH, Lang.EN))
    floors = [
        FloorSaid(
            floor=_said(a.name, b.name), tier=_said(a.tier, b.tier), reason=_said(a.reason, b.reason), decides=a.decides
        )
        for a, b in zip(zh.floors, en.floors, strict=True)
    ]
    return Explanation(
        version=len(stream),
        policy=zh.policy,
        dispatch=str(zh.dispatch.ref) if zh.dispatch else None,
        placed=_said(zh.placed, en.placed),
        holds=_said(zh.holds, en.holds) if zh.holds else None,
        floors=floors,
        notes=[_said(a, b) for a, b in zip(zh.notes, en.notes, strict=True)],
    )


def _said(zh: str, en: str) -> Said:
    return Said(zh=zh, en=en)
