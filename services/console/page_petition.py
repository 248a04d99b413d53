"""The page of one petition: its words, its facts and deadlines, why it is where it is, and everything that happened."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from schemas.deadlines import DeadlineState
from schemas.event import AnyRecorded
from schemas.events.escalation import DeadlineMissed, PetitionEscalated, SupervisionOrdered
from schemas.events.intake import PetitionFiled
from schemas.events.router import HandOffOrdered
from schemas.events.severity import Reason, SeverityAssessed, SeverityReassessed
from schemas.life import Life, fold_life
from schemas.petition import DeadlineAnswer
from services.chassis import answers
from services.chassis.petition_words import Said, said
from services.chassis.problems import not_found
from services.chassis.runtime import Runtime
from services.chassis.sealing import PetitionKey, sealed_fields
from services.console.frame import reader_of
from services.console.holding_times import holding_times
from services.console.linked import linked, numbers
from services.console.marks import Mark, marks
from services.console.naming_deadlines import deadline_names
from services.console.page_list import beginning
from services.console.quoting import Ground, grounds, marked
from services.console.reader import Reader
from services.console.sentences import sentence
from services.console.why import explain, placing, policy_of
from services.console.words import Lang

WRITTEN = ("reason", "text")
"""The fields in which a person wrote something about what they did."""
SCROLLED = 600
"""A text of more code points may need to be scrolled in its box, also by keyboard."""
ALARMS = (DeadlineMissed, HandOffOrdered, PetitionEscalated, SupervisionOrdered)


_MOMENT = re.compile(r'"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z)"')


@dataclass(frozen=True)
class Happening:
    """One event as people read it. `quote` is what a person wrote; `data` is the event's JSON, its words opened, its
    moments with the district's offset."""

    recorded: AnyRecorded
    name: str
    who: str
    said: str
    quote: str | None
    data: str
    alarm: bool


@dataclass(frozen=True)
class Reading:
    """How the petition was read, once, and what that rests on."""

    happening: Happening
    grounds: Sequence[Ground]


async def petition_content(petition: UUID, runtime: Runtime, lang: Lang) -> tuple[Reader, dict[str, Any]]:
    """The reader with the names of the policy that shaped the petition, and what the template needs."""
    stream = (await runtime.log.load([petition]))[petition]
    if not stream:
        raise not_found()
    await runtime.policies.know(stream)
    stream = answers.to_show(stream)
    key = (await runtime.log.keyring.get([petition]))[petition]
    life = fold_life(stream)
    others = await linked(life.links, runtime.log)
    called = numbers(life, others)
    reader = replace(reader_of(runtime, lang, runtime.policies.version(life.policy)), numbers=called)
    answer = answers.present(life, key, runtime.policies)
    words = said(stream, key) if key else Said("", "")
    title, text = words.title, words.whole
    happenings = [_happening(recorded, key, reader) for recorded in stream]
    readings = _readings(happenings, title, text, reader)
    reasons = _reasons(stream)
    placed = placing(stream)
    by_policy = policy_of(placed)
    then = runtime.policies.version(by_policy) if by_policy else reader.policy
    why = explain(stream, replace(reader, policy=then))
    return reader, {
        "petition": answer,
        "title": marked(title if title.strip() else "", "title", reasons),
        "text": marked(text, "text", reasons),
        "long": len(text) > SCROLLED,
        "erased": key is None,
        "beginning": beginning(text),
        "linked": others,
        "marks": _marks(life, stream[0], reader),
        "filed": stream[0].event,
        "tell_by": next((one.due_at for one in reversed(answer.deadlines) if one.name == "hand_off"), None),
        "why": why,
        "moved_because": happenings[why.dispatch.version - 1] if why.dispatch else None,
        "readings": readings,
        "deadline_name": deadline_names(stream, reader),
        "deadlines": sorted(answer.deadlines, key=_open_first),
        "responsibility": holding_times(stream, reader.now, reader),
        "happenings": happenings,
    }


def _marks(life: Life, filed: AnyRecorded, reader: Reader) -> list[Mark]:
    desk = life.tier and life.unit and not life.closed_at
    units = reader.policy.jurisdiction
    return marks(
        reader,
        to_place=bool(desk) and units.is_placing_desk(life.tier or "", life.unit or "", life.place),
        round=life.round,
        escalated=life.escalated,
        supervised=life.supervised,
        overdue=life.due_at is not None and life.due_at < reader.now,
        confidential=isinstance(filed.event, PetitionFiled) and filed.event.confidential,
    )


def _open_first(deadline: DeadlineAnswer) -> tuple[bool, Any]:
    return deadline.state is not DeadlineState.OPEN, deadline.due_at


def _happening(recorded: AnyRecorded, key: PetitionKey | None, reader: Reader) -> Happening:
    data = answers.opened_data(recorded, key)
    name = type(recorded.event).__name__
    by = reader.t("by_person", by=recorded.by) if recorded.by else None
    return Happening(
        recorded=recorded,
        name=reader.event(name),
        who=by or reader.t("by_service", service=reader.service(recorded.service)),
        said=sentence(recorded.event, reader),
        quote=_written(recorded, data),
        data=_MOMENT.sub(
            lambda found: f'"{datetime.fromisoformat(found[1]).astimezone(reader.zone).isoformat()}"',
            json.dumps({"type": name, **data}, ensure_ascii=False, indent=2),
        ),
        alarm=isinstance(recorded.event, ALARMS),
    )


def _written(recorded: AnyRecorded, data: dict[str, Any]) -> str | None:
    """What a person wrote about what they did; the petition's own words have their place elsewhere."""
    if recorded.version == 1:
        return None
    sealed = sealed_fields(type(recorded.event))
    return next((data[name] for name in WRITTEN if name in sealed and data.get(name)), None)


def _reasons(stream: Sequence[AnyRecorded]) -> tuple[Reason, ...]:
    assessed = [recorded.event for recorded in stream if isinstance(recorded.event, SeverityAssessed)]
    return assessed[-1].reasons if assessed else ()


def _readings(happenings: Sequence[Happening], title: str, text: str, reader: Reader) -> list[Reading]:
    """Every reading, the newest first."""
    told = []
    for one in happenings:
        match one.recorded.event:
            case SeverityAssessed() as event:
                told.append(Reading(one, grounds(event.reasons, title, text, reader)))
            case SeverityReassessed():
                told.append(Reading(one, ()))
    return told[::-1]
