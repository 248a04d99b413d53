"""What can be done with a petition: each step reads it, changes it, adds an event and commits."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import uuid_utils
from sqlmodel import Session, select

from bench.naive.tables import Deadline, Dispatch, Event, Petition
from intake.filing import NewPetition
from router.policy import RoutingPolicy
from router.stands import Extent, site_of
from schemas.policy import Policy
from schemas.words import Severity
from severity.policy import SeverityPolicy


class NotAllowed(Exception):
    """The petition's status does not allow this step."""


@dataclass(frozen=True)
class Rules:
    """The district with the same classifier and routing rules that gridcase uses."""

    policy: Policy
    reading: SeverityPolicy
    routing: RoutingPolicy

    @classmethod
    def of(cls, policy: Policy) -> "Rules":
        return cls(policy, SeverityPolicy(policy), RoutingPolicy(policy))


def file_and_route(session: Session, rules: Rules, new: NewPetition) -> Petition:
    """What a create request does: filed, assessed, routed; three commits. A retry gets the first one's petition."""
    external = new.external
    if external is not None:
        known = select(Petition).where(Petition.source == external.source, Petition.number == external.number)
        if found := session.exec(known).first():
            return found
    petition = file(session, rules, new)
    assess(session, rules, petition)
    route(session, rules, petition)
    return petition


def file(session: Session, rules: Rules, new: NewPetition) -> Petition:
    """Keep a petition as it came."""
    now = datetime.now(UTC)
    petition = Petition(
        id=str(UUID(bytes=uuid_utils.uuid7().bytes)),
        source=new.external.source if new.external else None,
        number=new.external.number if new.external else None,
        channel=new.channel,
        title=new.title,
        text=new.text,
        place=new.place.unit if new.place else None,
        address=new.place.address if new.place else None,
        name=new.petitioner.name if new.petitioner else None,
        phone=new.petitioner.phone if new.petitioner else None,
        status="filed",
        filed_at=now,
        updated_at=now,
    )
    session.add(petition)
    due = now + timedelta(hours=rules.policy.limits.assess_hours)
    session.add(Deadline(petition_id=petition.id, name="assess", due_at=due))
    _say(session, petition, "PetitionFiled", now, {"channel": new.channel})
    session.commit()
    return petition


def assess(session: Session, rules: Rules, petition: Petition) -> None:
    """Read the words."""
    _must_be(petition, "filed")
    now = datetime.now(UTC)
    reading = rules.reading.read(title=petition.title or "", text=petition.text, filed_kind=None)
    petition.kind, petition.severity = reading.kind, reading.severity.value
    petition.disposition, petition.confidence = reading.disposition.value, reading.confidence
    petition.status = "assessed"
    reasons = [reason.model_dump(mode="json") for reason in reading.reasons]
    _say(session, petition, "SeverityAssessed", now, {"kind": reading.kind, "reasons": reasons})
    session.commit()


def route(session: Session, rules: Rules, petition: Petition) -> None:
    """Place it with the lowest tier that the floors allow."""
    _must_be(petition, "assessed")
    now = datetime.now(UTC)
    severity = Severity(petition.severity or Severity.ROUTINE)
    floors = rules.routing.floors(petition.kind, severity, site_of(petition.place), Extent())
    tier = rules.routing.tier(floors)
    target = rules.routing.target(tier, petition.kind, petition.place, None, now)
    due = rules.routing.deadlines(petition.kind, severity, now, None, None)
    petition.tier, petition.unit, petition.department = tier, target.unit.code, target.department
    petition.status = "routed"
    dispatch = Dispatch(
        petition_id=petition.id,
        tier=tier,
        unit=target.unit.code,
        department=target.department,
        floors=[floor.model_dump(mode="json") for floor in floors],
        issued_at=now,
        accept_by=due.accept_by,
        resolve_by=due.resolve_by,
    )
    session.add(dispatch)
    _stop(session, petition, "assess")
    session.add(Deadline(petition_id=petition.id, name="accept", due_at=due.accept_by))
    session.add(Deadline(petition_id=petition.id, name="resolve", due_at=due.resolve_by))
    _say(session, petition, "PetitionRouted", now, {"tier": tier, "unit": petition.unit, "floors": dispatch.floors})
    session.commit()


def accept(session: Session, petition_id: str, by: str) -> Petition:
    """The receiver takes the dispatch."""
    petition = existing(session, petition_id)
    _must_be(petition, "routed")
    now = datetime.now(UTC)
    dispatch = session.exec(
        select(Dispatch).where(Dispatch.petition_id == petition_id).order_by(Dispatch.id.desc())  # type: ignore[union-attr]
    ).first()
    assert dispatch is not None
    dispatch.accepted_at = now
    petition.status = "accepted"
    _stop(session, petition, "accept")
    _say(session, petition, "DispatchAccepted", now, {"dispatch": dispatch.id}, by)
    session.commit()
    return petition


def resolve(session: Session, rules: Rules, petition_id: str, result: str, text: str, by: str) -> Petition:
    """The handler reports what was done, and the resident is to be asked; two commits."""
    petition = report(session, petition_id, result, text, by)
    ask_back(session, rules, petition)
    return petition


def report(session: Session, petition_id: str, result: str, text: str, by: str) -> Petition:
    """What the handler did."""
    petition = existing(session, petition_id)
    _must_be(petition, "accepted")
    now = datetime.now(UTC)
    petition.status = "resolved"
    _stop(session, petition, "resolve")
    _say(session, petition, "ResolutionReported", now, {"result": result, "text": text}, by)
    session.commit()
    return petition


def ask_back(session: Session, rules: Rules, petition: Petition) -> None:
    """The resident is to be asked."""
    _must_be(petition, "resolved")
    now = datetime.now(UTC)
    due = now + timedelta(hours=rules.policy.limits.feedback_hours)
    session.add(Deadline(petition_id=petition.id, name="feedback", due_at=due))
    _say(session, petition, "FeedbackRequested", now, {"round": petition.round})
    session.commit()


def take_feedback(session: Session, petition_id: str, solved: bool, satisfied: bool | None) -> Petition:
    """The resident's answer, and what it means; two commits."""
    petition = existing(session, petition_id)
    _must_be(petition, "resolved")
    now = datetime.now(UTC)
    _stop(session, petition, "feedback")
    _say(session, petition, "FeedbackReceived", now, {"solved": solved, "satisfied": satisfied})
    session.commit()
    if solved:
        petition.status, petition.closed_at = "closed", now
        _say(session, petition, "PetitionClosed", now, {"outcome": "solved"})
    else:
        petition.status, petition.round = "assessed", petition.round + 1
        _say(session, petition, "PetitionReopened", now, {"round": petition.round})
    session.commit()
    return petition


def said(session: Session) -> list[Event]:
    """The events of this session so far that nobody was told of; they are taken to be told now."""
    events: list[Event] = session.info.pop("said", [])
    return events


def existing(session: Session, petition_id: str) -> Petition:
    """The petition's row; raises NotAllowed when there is none."""
    petition = session.get(Petition, petition_id)
    if petition is None:
        raise NotAllowed("unknown")
    return petition


def _must_be(petition: Petition, status: str) -> None:
    if petition.status != status:
        raise NotAllowed(petition.status)


def _say(
    session: Session, petition: Petition, type_: str, at: datetime, data: dict[str, Any], by: str | None = None
) -> None:
    petition.version += 1
    petition.updated_at = at
    event = Event(
        petition_id=petition.id, version=petition.version, type=type_, data={**data, "at": at.isoformat()}, by=by, at=at
    )
    session.add(event)
    session.info.setdefault("said", []).append(event)


def _stop(session: Session, petition: Petition, name: str) -> None:
    found = select(Deadline).where(Deadline.petition_id == petition.id, Deadline.name == name, Deadline.state == "open")
    for deadline in session.exec(found):
        deadline.state = "met"
