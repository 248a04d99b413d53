"""Petitions and what people ask of them: everything follows from a petition's number, its words and the district."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import Any

from schemas.policy import PolicyBundle
from schemas.words import Channel, Clock, Disposition, Severity

DIGITS = re.compile(r"\d+")
CHINA = timezone(timedelta(hours=8))
RECEIVED = datetime(2026, 1, 5, 8, tzinfo=CHINA)
"""So long ago that all time from then on is gone: what has begun to run out counts from then and from now at once."""
QUICK = "QUICK"
"""The kind whose acceptance is missed at every tier, until a superior is asked."""
QUICK_EVERY, QUICK_FIRST = 40, 20
LONG_HOURS = 4.0


@dataclass(frozen=True)
class Step:
    """One command, and how it is sent."""

    command: str
    body: Mapping[str, Any]
    headers: Mapping[str, str] = field(default_factory=dict)
    times: int = 1
    """How often it is sent, under the same key."""


@dataclass(frozen=True, eq=False)
class Life:
    """A petition to file, and the commands that follow, one by one."""

    key: str
    body: Mapping[str, Any]
    steps: Sequence[Step]

    @property
    def missed(self) -> bool:
        """Whether nobody ever accepts it in time."""
        return self.body.get("kind") == QUICK


def unhurried(bundle: PolicyBundle, quick_seconds: float) -> PolicyBundle:
    """The district with hours so long that no deadline passes while it is tried, but for the kind QUICK."""
    kinds = [
        kind.model_copy(
            update={
                "accept_hours": max(kind.accept_hours, LONG_HOURS),
                "resolve_hours": max(kind.resolve_hours, 2 * LONG_HOURS),
            }
        )
        for kind in bundle.kinds
    ]
    quick = bundle.kinds[0].model_copy(
        update={
            "code": QUICK, "name": "限时签收", "name_en": "Quick", "severity": Severity.ROUTINE, "power": None,
            "signs": (), "disposition": Disposition.HANDLE, "tier": bundle.ladder[0].code, "hand_off": (),
            "clock": Clock.NATURAL,
            "accept_hours": quick_seconds / 3600, "resolve_hours": 48.0,
        }
    )  # fmt: skip
    severities = {
        name: rule.model_copy(update={"accept_hours": rule.accept_hours and max(rule.accept_hours, LONG_HOURS)})
        for name, rule in bundle.severities.items()
    }
    limits = bundle.limits.model_copy(update={"assess_hours": LONG_HOURS, "hand_off_hours": LONG_HOURS})
    return bundle.model_copy(update={"kinds": (*kinds, quick), "severities": severities, "limits": limits})


def lives(messages: Sequence[Mapping[str, Any]], bundle: PolicyBundle, first: int = 0) -> list[Life]:
    """A life for each message, numbered from `first`; `messages` have `title`, `body` and perhaps `time`."""
    return [_life(number, message, bundle) for number, message in enumerate(messages, first)]


def _life(number: int, message: Mapping[str, Any], bundle: PolicyBundle) -> Life:
    if number % QUICK_EVERY == QUICK_FIRST:
        body = {"channel": "app", "text": "请尽快签收", "kind": QUICK, "place": {"unit": _unit(bundle, number, "grid")}}
        return Life(f"script-{number}", body, ())
    return Life(f"script-{number}", _filing(number, message, bundle), _steps(number, bundle))


def _filing(number: int, message: Mapping[str, Any], bundle: PolicyBundle) -> dict[str, Any]:
    channels = list(Channel)
    body: dict[str, Any] = {
        "channel": channels[number % len(channels)],
        "title": message["title"],
        "text": message["body"],
        "received_at": _received(number, message).isoformat(),
        "petitioner": {"name": f"居民{number}", "phone": f"138{number:08}", "confidential": number % 7 == 0},
    }
    if number % 5:
        body["place"] = {"unit": _unit(bundle, number), "address": f"{number}号楼"}
    if number % 3 == 0:
        body["external"] = {"source": "script", "number": str(number)}
    if number % 11 == 0:
        body["about"] = _unit(bundle, number)
    if number % 13 == 0:
        body["households"] = 10 * number
    return body


def _received(number: int, message: Mapping[str, Any]) -> datetime:
    if "time" not in message:
        return RECEIVED + timedelta(minutes=number)
    return datetime(*map(int, DIGITS.findall(str(message["time"]))), tzinfo=CHINA)


def _steps(number: int, bundle: PolicyBundle) -> Sequence[Step]:
    unit, department = _unit(bundle, number + 1), bundle.departments[number % len(bundle.departments)].code
    kind = bundle.kinds[number // 7 % len(bundle.kinds)].code
    accept, again = _step("accept"), _step("accept", by="handler-2")
    resolve = _step("resolve", text=f"第{number}件已处理", result=("done", "explained")[number % 2])
    solved = _step("feedback", reached=True, solved=True, satisfied=number % 3 > 0)
    unsolved = _step("feedback", reached=True, solved=False, text="没有解决")
    away = _step("feedback", reached=False)
    up = _step("escalate", reason="本级处理不了")
    answered = _step("answer-supervision", text="已督促")
    close = _step("close", reason="无需回访")
    reopen = _step("reopen", reason="又出现了")
    done = (accept, resolve, solved)
    told = [_step("confirm-hand-off", to=to) for to in ("110", "119")]
    mix: Sequence[Sequence[Step]] = (
        (),
        done,
        (accept, resolve, unsolved, again, resolve, solved),
        (_step("move", unit=unit, reason="现场在那里"), *done),
        (_step("move", department=department, reason="归其负责"), accept, resolve, unsolved, again),
        (_step("place", unit=unit), accept, resolve, away, away, away),
        (_step("reassess", kind=kind, reason="看错了类别"), accept, _step("confirm"), resolve, solved),
        (_step("reassess", severity="critical", reason="有人受伤"), *told, *done),
        (up, *done),
        (up, up, up, up, answered, accept, resolve),
        (_step("confirm"), *told, accept, resolve, close),
        (accept, resolve, close, reopen, again, resolve, solved),
        (_step("reassess", disposition="decline", reason="没有诉求"), reopen, *done),
        (_step("reassess", disposition="refer", kind=kind, reason="另有渠道"), *done),
        (
            resolve,
            solved,
            _step("move", unit="nowhere", reason="不存在"),
            _step("accept", dispatch="another"),
            answered,
        ),
        tuple(Step(one.command, one.body, times=2) for one in (accept, again, resolve, solved, solved)),
        (Step("accept", {"by": "handler-1"}, {"If-Match": '"1"'}), *done),
    )
    return mix[number % len(mix)]


def _step(command: str, by: str = "handler-1", **body: Any) -> Step:
    return Step(command, {"by": by, **body})


def _unit(bundle: PolicyBundle, number: int, tier: str | None = None) -> str:
    units = [unit.code for unit in bundle.units if tier in (None, unit.tier) and unit.staff != 0]
    return units[number * 7 % len(units)]
