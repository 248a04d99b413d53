"""Petitions and what people ask of them: everything follows from a petition's number, its words and the district."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta, timezone
from typing import Any

from schemas.policy import PolicyBundle
from schemas.words import Channel
from tests.cluster.scenes import made, scenes, staged
from tests.cluster.steps import QUICK, Life, Newest, Step, step

DIGITS = re.compile(r"\d+")
CHINA = timezone(timedelta(hours=8))
RECEIVED = datetime(2026, 1, 5, 8, tzinfo=CHINA)
"""So long ago that all time from then on is gone: what has begun to run out counts from then and from now at once."""
QUICK_EVERY, QUICK_FIRST = 40, 20
LONG_HOURS = 4.0


def unhurried(bundle: PolicyBundle, quick_seconds: float) -> PolicyBundle:
    """The district with hours so long that no deadline passes while it is tried, but for the kind QUICK, with
    residents who are tried once, because a second attempt counts only hours later, and with ground for the scenes."""
    kinds = [
        kind.model_copy(
            update={
                "accept_hours": max(kind.accept_hours, LONG_HOURS),
                "resolve_hours": max(kind.resolve_hours, 2 * LONG_HOURS),
            }
        )
        for kind in bundle.kinds
    ]
    quick = made(bundle, QUICK, "限时签收", bundle.ladder[0].code, accept_hours=quick_seconds / 3600)
    severities = {
        name: rule.model_copy(update={"accept_hours": rule.accept_hours and max(rule.accept_hours, LONG_HOURS)})
        for name, rule in bundle.severities.items()
    }
    limits = bundle.limits.model_copy(
        update={"assess_hours": LONG_HOURS, "hand_off_hours": LONG_HOURS, "feedback_attempts": 1}
    )
    hours = {"kinds": (*kinds, quick), "severities": severities, "limits": limits}
    return staged(bundle.model_copy(update=hours))


def lives(messages: Sequence[Mapping[str, Any]], bundle: PolicyBundle, first: int = 0) -> list[Life]:
    """A life for each message, numbered from `first`, and half as many scenes; `messages` have `title`, `body` and
    perhaps `time`; the district is `unhurried`."""
    ordinary = [_life(number, message, bundle) for number, message in enumerate(messages, first)]
    return [*ordinary, *scenes(len(messages) // 2, messages, bundle, first)]


def _life(number: int, message: Mapping[str, Any], bundle: PolicyBundle) -> Life:
    if number % QUICK_EVERY == QUICK_FIRST:
        body = {"channel": "app", "text": "请尽快签收", "kind": QUICK, "place": {"unit": _unit(bundle, number, "grid")}}
        return Life(f"script-{number}", body, (step("answer-supervision", text="已督促"), step("accept")))
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
    accept, again = step("accept"), step("accept", by="handler-2")
    resolve = step("resolve", text=f"第{number}件已处理", result=("done", "explained")[number % 2])
    solved = step("feedback", reached=True, solved=True, satisfied=number % 3 > 0)
    unsolved = step("feedback", reached=True, solved=False, text="没有解决")
    away = step("feedback", reached=False)
    up = step("escalate", reason="本级处理不了", dispatch=Newest())  # without it, who asks within a minute is too late
    answered = step("answer-supervision", text="已督促")
    close = step("close", reason="无需回访")
    reopen = step("reopen", reason="又出现了")
    done = (accept, resolve, solved)
    told = [step("confirm-hand-off", to=to) for to in ("110", "119")]
    mix: Sequence[Sequence[Step]] = (
        (),
        done,
        (accept, resolve, unsolved, again, resolve, solved),
        (step("move", unit=unit, reason="现场在那里"), *done),
        (step("move", department=department, reason="归其负责"), accept, resolve, unsolved, again),
        (step("place", unit=unit), accept, resolve, away, away),
        (step("reassess", kind=kind, reason="看错了类别"), accept, step("confirm"), resolve, solved),
        (step("reassess", severity="critical", reason="有人受伤"), *told, *done),
        (up, *done),
        (up, up, up, up, answered, accept, resolve),
        (step("confirm"), *told, accept, resolve, close),
        (accept, resolve, close, reopen, again, resolve, solved),
        (step("reassess", disposition="decline", reason="没有诉求"), reopen, *done),
        (step("reassess", disposition="refer", kind=kind, reason="另有渠道"), *done),
        (
            resolve,
            solved,
            step("move", unit="nowhere", reason="不存在"),
            step("accept", dispatch="another"),
            answered,
        ),
        tuple(Step(one.command, one.body, times=2) for one in (accept, again, resolve, solved, solved)),
        (Step("accept", {"by": "handler-1"}, {"If-Match": '"1"'}), *done),
    )
    return mix[number % len(mix)]


def _unit(bundle: PolicyBundle, number: int, tier: str | None = None) -> str:
    units = [unit.code for unit in bundle.units if tier in (None, unit.tier) and unit.staff != 0]
    return units[number * 7 % len(units)]
