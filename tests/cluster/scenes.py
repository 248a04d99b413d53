"""Petitions that are split, repeated, claimed, handed over, called for or dealt with on the spot.

Each scene is one or two lives on ground that is made for it. All hours are natural ones, and nothing is resumed after a
hold: what is left of its time then follows from how long the hold lasted.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from schemas.jurisdiction import Unit, UnitSort
from schemas.policy import Kind, PolicyBundle
from schemas.roster import Absence, Posting
from schemas.words import Clock, Disposition, Mode, Severity
from tests.cluster.steps import Life, step

PLAIN, SHARED = "PLAIN", "SHARED"
"""A kind of the grid, and one of the community that is open to claim."""
RECEIVED = "2026-01-05T08:00:00+08:00"
"""So long ago that all time from then on is gone."""
LONG_AGO = date(2020, 1, 1)
HANDLERS, AWAY = ("handler-1", "handler-2"), "away-1"
LAMP, SHELF = "楼道灯不亮，请派人看看", "小区活动室的书架倒了"
DANGER = "现在燃气泄漏，味道很大，快来人"
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Ground:
    """Where the scenes play: a community with two grids, one of whose whole roster is away, and who else may claim."""

    community: str
    grid: str
    deserted: str
    elsewhere: str
    office: str
    """A department above the community."""

    @property
    def partner(self) -> str:
        """Who belongs to the community and has no power."""
        return f"{self.community}999"


def staged(bundle: PolicyBundle) -> PolicyBundle:
    """The district with kinds, a partner, a roster and an absence for the scenes."""
    ground, (lowest, above, *_) = _ground(bundle), [tier.code for tier in bundle.ladder]
    partner = Unit(
        code=ground.partner, name="物业", tier=lowest, parent=ground.community, sort=UnitSort.PARTNER, households=0
    )
    kinds = (made(bundle, PLAIN, "楼道照明", lowest), made(bundle, SHARED, "公共设施", above, mode=Mode.OPEN))
    posted = (*((ground.grid, one) for one in HANDLERS), (ground.deserted, AWAY))
    return bundle.model_copy(
        update={
            "units": (*bundle.units, partner),
            "kinds": (*bundle.kinds, *kinds),
            "roster": (*bundle.roster, *(Posting(unit=unit, staff=one, since=LONG_AGO) for unit, one in posted)),
            "absences": (*bundle.absences, Absence(staff=AWAY, since=LONG_AGO)),
        }
    )


def made(bundle: PolicyBundle, code: str, name: str, tier: str, **more: Any) -> Kind:
    """A routine kind in natural hours that no words speak for: who files it says so."""
    plain = {
        "code": code, "name": name, "name_en": code.title(), "severity": Severity.ROUTINE, "power": None, "signs": (),
        "disposition": Disposition.HANDLE, "tier": tier, "hand_off": (), "clock": Clock.NATURAL, "accept_hours": 4.0,
        "resolve_hours": 48.0,
    }  # fmt: skip
    return bundle.kinds[0].model_copy(update={**plain, **more})


def _ground(bundle: PolicyBundle) -> Ground:
    lowest, above = (tier.code for tier in bundle.ladder[:2])
    rostered = {posting.unit for posting in bundle.roster if posting.staff not in (*HANDLERS, AWAY)}
    parents = {unit.code: unit.parent for unit in bundle.units}
    communities = [unit.code for unit in bundle.units if unit.tier == above]
    for community in communities:
        grids = [
            unit.code
            for unit in bundle.units
            if (unit.parent, unit.tier, unit.sort) == (community, lowest, UnitSort.BASIC)
            and unit.staff
            and unit.code not in rostered
        ]
        if len(grids) > 1:
            over = {community, parents[community], parents[parents[community] or ""]}
            office = next(one.code for one in bundle.departments if one.unit in over)
            elsewhere = next(one for one in communities if one != community)
            return Ground(community, grids[0], grids[1], elsewhere, office)
    raise ValueError("no community has two grids")


def scenes(count: int, messages: Sequence[Mapping[str, Any]], bundle: PolicyBundle, first: int = 0) -> list[Life]:
    """So many scenes on a staged district, numbered from `first`, with words of these messages where words matter."""
    ground = _ground(bundle)
    lives = []
    for number in range(first, first + count):
        play = Play(number, messages[(number - first) % len(messages)], bundle, ground)
        lives += _SCENES[number % len(_SCENES)](play)
    return lives


@dataclass(frozen=True)
class Play:
    """One performance of a scene."""

    number: int
    message: Mapping[str, Any]
    bundle: PolicyBundle
    at: Ground

    def life(self, *steps: Any, text: str = LAMP, kind: str = PLAIN, unit: str = "", who: int = 0, **more: Any) -> Life:
        """A petition of this performance."""
        known = {name: more.pop(name) for name in ("late",) if name in more}
        body = {
            "channel": "app", "text": text, "kind": kind, "received_at": RECEIVED,
            "place": {"unit": unit or self.at.grid},
            "petitioner": {"name": f"居民{self.number}", "phone": f"139{self.number:06}{who:02}"},
        }  # fmt: skip
        return Life(f"scene-{self.number}-{who}", {**body, **more}, steps, **known)

    def on_the_spot(self, *steps: Any, result: str, **more: Any) -> Life:
        """A grid worker met it, dealt with it, and files it with what was done."""
        done = {"text": "已当场更换灯泡", "result": result}
        worker = {"role": "grid_worker", "id": "handler-2"}
        return self.life(*steps, channel="grid_patrol", filed_by=worker, resolved_on_the_spot=done, **more)


accept, again = step("accept"), step("accept", by="handler-2")
done = step("resolve", text="已更换灯泡并检查线路")
settled = step("resolve", text="双方达成调解协议", result="settled")
solved = step("feedback", reached=True, solved=True, satisfied=True)
unsolved = step("feedback", reached=True, solved=False, text="没有解决")
away = step("feedback", reached=False)


def _of(part: int, *steps: Any) -> list[Any]:
    """The same, asked of a part."""
    return [step(one.command, part=part, **one.body) for one in steps]


def _split(*texts: str, times: int = 1, **more: Any) -> Any:
    return step("split", times=times, parts=[{"text": one, **more} for one in texts])


def _all_parts_are_settled(play: Play) -> list[Life]:
    split = _split(LAMP, str(play.message["body"]).strip() or SHELF, times=2, kind=PLAIN)
    first, second = _of(0, accept, settled), _of(1, accept, settled)
    return [play.life(split, *first, *second, solved, *_of(0, solved), *_of(1, unsolved))]


def _one_part_is_done_and_opened_again(play: Play) -> list[Life]:
    split = _split(LAMP, SHELF, DANGER[:4], kind=PLAIN)
    withdrawn = step("withdraw", part=0, reason="自己修好了")
    reopened = _of(1, step("reopen", reason="又坏了"), again, done)
    referred = _of(2, step("reassess", disposition="refer", reason="另有渠道"))
    whole = (unsolved, again, done)
    return [play.life(split, step("urge"), withdrawn, *_of(1, accept, done), *reopened, *referred, *whole)]


def _no_part_is_done(play: Play) -> list[Life]:
    ended = (step("withdraw", part=0, reason="不需要了"), *_of(1, step("reassess", disposition="decline", reason="空")))
    return [play.life(accept, _split(LAMP, SHELF, kind=PLAIN), *ended, away, away)]


def _repeated(play: Play) -> list[Life]:
    """Of the same petitioner, in nearly the same words, at the same place."""
    title, text, unit = play.message["title"], str(play.message["body"]), _unit(play)
    who = {"name": f"居民{play.number}", "phone": f"139{play.number:08}"}
    root = play.life(accept, None, step("withdraw", reason="撤"), settled, solved,
                     text=text, title=title, unit=unit, petitioner=who)  # fmt: skip
    said = (None, step("link", to=root, times=2), step("supplement", text="还是不亮"), None)
    steps = (*said, None, unsolved, again)  # the root hears of it, when it has closed
    return [root, play.life(*steps, text=f"{text}！", title=title, unit=unit, petitioner=who, who=1, late=True)]


def _repeated_in_other_words(play: Play) -> list[Life]:
    """Another petitioner in nearly the same words; and it is another matter after all."""
    text, unit = f"{play.message['body']}，{SHELF}{play.number}", _unit(play)
    root = play.life(accept, None, None, None, done, text=text, unit=unit)
    steps = (None, step("link", to=root), step("unlink"), step("link", to="nobody"), None, accept, done, away)
    return [root, play.life(*steps, text=f"{text}，请尽快", unit=unit, who=1, late=True)]


def _repeated_and_taken_back(play: Play) -> list[Life]:
    root = play.life(step("claim"), None, None, done, solved, text=f"{SHELF}{play.number}", kind=SHARED)
    steps = (
        None,
        step("link", to=root),
        step("withdraw", reason="重复了"),
        None,
        None,
        step("reopen", reason="还是要"),
    )
    return [root, play.life(*steps, text=SHELF, who=1)]


def _claimed_by_a_partner(play: Play) -> list[Life]:
    claim, second = step("claim", unit=play.at.partner), step("claim", by="handler-2", department=play.at.office)
    part_done = step("resolve", text="换了两盏，缺一盏", result="partly_done")
    steps = (claim, second, step("progress", text="正在采购"), part_done, unsolved, step("claim", by="handler-2"))
    return [play.life(*steps, kind=SHARED)]


def _claimed_by_a_department(play: Play) -> list[Life]:
    claim, second = step("claim", department=play.at.office), step("claim", by="handler-2", unit=play.at.partner)
    passed_on = step("hand-over", to="handler-3", reason="调岗")
    explained = step("resolve", by="handler-3", text="已说明安装计划", result="explained")
    return [play.life(claim, second, passed_on, explained, solved, kind=SHARED)]


def _left_to_no_partner(play: Play) -> list[Life]:
    claim = step("claim", unit=play.at.partner)
    who = {"name": "保密人", "confidential": True}
    hidden = play.life(claim, step("claim", unit=play.at.community), done, solved, kind=SHARED, petitioner=who)
    elsewhere = play.life(claim, step("claim"), done, kind=SHARED, unit=play.at.elsewhere, who=1)
    return [hidden, elsewhere, play.life(claim, accept, step("return", reason="needs_information"), who=2)]


def _dealt_with_on_the_spot(play: Play) -> list[Life]:
    failed = play.on_the_spot(unsolved, accept, done, solved, result="done", who=1)
    refused = play.on_the_spot(step("claim"), done, away, kind=SHARED, result="done", who=2)
    return [play.on_the_spot(solved, result="settled"), failed, refused]


def _handed_over(play: Play) -> list[Life]:
    def over(to: str, by: str = "handler-1") -> Any:
        return step("hand-over", by=by, to=to, reason="请假")

    last = step("resolve", by="handler-2", text="已更换灯泡")
    return [play.life(accept, over("stranger"), over("handler-2", by="handler-3"), over("handler-2"), last, solved)]


def _nobody_is_there(play: Play) -> list[Life]:
    return [play.life(accept, step("hand-over", to="anybody", reason="调岗"), settled, solved, unit=play.at.deserted)]


def _told_more(play: Play) -> list[Life]:
    more = (step("supplement", text="灯泡是两周前坏的", times=2), accept, step("supplement", text=DANGER))
    told = (*(step("confirm-hand-off", to=one) for one in ("119", "110")), step("withdraw", reason="不用了"))
    milder = (step("reassess", severity="routine", reason="闻错了"), step("urge"), step("withdraw", reason="不用了"))
    return [play.life(*more, *told, *milder, step("reopen", reason="还是要"), again)]


def _given_more_time(play: Play) -> list[Life]:
    def asked(for_what: str, days: int) -> Any:
        return step(f"request-{for_what}", until=days * DAY, reason="缺配件")

    def decided(on_what: str, granted: bool, by: str = "handler-2") -> Any:
        return step(f"decide-{on_what}", by=by, granted=granted, reason="看过")

    granted = (asked("extension", 1), decided("extension", True), asked("hold", 2), decided("hold", True))
    own, refused = decided("extension", True, by="handler-1"), decided("extension", False)
    not_held = (asked("hold", 2), decided("hold", False), step("resume"))
    return [play.life(accept, *granted), play.life(accept, asked("extension", 1), own, refused, *not_held, done, who=1)]


def _called_together(play: Play) -> list[Life]:
    called = step("summon", departments=[play.at.office]), step("report-in", department=play.at.office)
    on = step("transfer", department=play.at.office, reason="归其负责")
    return [play.life(step("claim"), *called, step("progress", text="已会商"), on, again, done, solved, kind=SHARED)]


def _unit(play: Play) -> str:
    units = [unit.code for unit in play.bundle.units if unit.staff and unit.sort is UnitSort.BASIC]
    return units[play.number * 11 % len(units)]


_SCENES: Sequence[Callable[[Play], list[Life]]] = (
    _all_parts_are_settled, _repeated, _claimed_by_a_partner, _dealt_with_on_the_spot, _handed_over, _told_more,
    _one_part_is_done_and_opened_again, _repeated_in_other_words, _claimed_by_a_department, _nobody_is_there,
    _given_more_time, _no_part_is_done, _repeated_and_taken_back, _left_to_no_partner, _called_together,
)  # fmt: skip
