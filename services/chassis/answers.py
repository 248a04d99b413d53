"""From a petition's stream to the answer a caller reads: folded, opened, named."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from schemas.event import AnyRecorded
from schemas.events.intake import DuplicateLinked, PetitionFiled, PetitionSplit, PetitionWithdrawn
from schemas.events.router import PetitionRouted
from schemas.events.severity import PetitionDeclined, PetitionReferred
from schemas.life import Life, fold_life
from schemas.people import Coordinates, same_person
from schemas.petition import (
    CoHandlerAnswer,
    DeadlineAnswer,
    DispatchAnswer,
    FeedbackAnswer,
    HandOffAnswer,
    LinkAnswer,
    NamedCode,
    OnTheSpotAnswer,
    PetitionAnswer,
    PlaceAnswer,
    RatingAnswer,
    ResolutionAnswer,
    ResponsibleAnswer,
    SupplementAnswer,
    UnitAnswer,
)
from services.chassis.names import Names
from services.chassis.policies import PolicyBook
from services.chassis.sealing import Keyring, PetitionKey, sealed_fields

_PLACED_OR_ENDED = (
    PetitionRouted,
    PetitionReferred,
    PetitionDeclined,
    PetitionWithdrawn,
    DuplicateLinked,
    PetitionSplit,
)


async def answer(stream: Sequence[AnyRecorded], keyring: Keyring, policies: PolicyBook) -> PetitionAnswer:
    """The petition after these events; its words are opened in memory for this answer only."""
    await policies.know(stream)
    life = fold_life(stream)
    key = (await keyring.get([life.petition]))[life.petition]
    return present(life, key, policies)


def present(life: Life, key: PetitionKey | None, policies: PolicyBook) -> PetitionAnswer:
    """A folded life as an answer; without a key its words are erased and left out."""
    assert life.filed is not None
    assert life.updated_at is not None
    filed = life.filed.event
    names = policies.names(life.policy)

    def words(name: str) -> Any:
        return None if key is None else key.open(life.filed, name)  # type: ignore[arg-type]

    coordinates: Coordinates | None = words("coordinates")
    return PetitionAnswer.model_construct(
        id=life.petition,
        number=life.number,
        status=life.status,
        version=life.version,
        channel=filed.channel,
        external=filed.external,
        filed_by=None if filed.confidential else filed.filed_by,
        title=words("title"),
        text=words("text"),
        supplements=[
            SupplementAnswer.model_construct(
                number=one.event.number,
                at=one.event.at,
                text=None if key is None else key.open(one, "text"),
                attachments=None if key is None else key.open(one, "attachments") or [],
            )
            for one in life.supplements
        ],
        on_the_spot=None
        if filed.on_the_spot is None
        else OnTheSpotAnswer.model_construct(result=filed.on_the_spot_result or "", text=words("on_the_spot")),
        place=PlaceAnswer.model_construct(
            unit=life.place,
            touches=list(life.touched),
            address=words("address"),
            lat=coordinates.lat if coordinates else None,
            lon=coordinates.lon if coordinates else None,
        ),
        kind=named_kind(life.kind, names),
        severity=life.severity,
        disposition=life.disposition,
        hand_off=_hand_off(life),
        tier=life.tier,
        unit=named_unit(life.unit, names),
        department=named_department(life.department, names),
        responsible=_responsible(life),
        co_handlers=[
            CoHandlerAnswer.model_construct(
                department=_known_department(one.department, names),
                summoned_at=one.summoned_at,
                reported_in_at=one.reported_in_at,
            )
            for one in life.co_handlers
        ],
        dispatch=_dispatch(life, names),
        floors=list(life.floors),
        deadlines=[
            DeadlineAnswer.model_construct(name=one.name, due_at=one.due_at, state=one.state) for one in life.deadlines
        ],
        links=[LinkAnswer.model_construct(type=one.type, petition=one.petition) for one in life.links],
        resolution=_resolution(life, key),
        feedback=_feedback(life),
        filed_at=filed.at,
        updated_at=life.updated_at,
        closed_at=life.closed_at,
    )


def named_kind(code: str | None, names: Names) -> NamedCode | None:
    """A kind as answers show it."""
    if code is None:
        return None
    kind = names.kind(code)
    return NamedCode.model_construct(code=code, name=kind.name if kind else code)


def named_unit(code: str | None, names: Names) -> UnitAnswer | None:
    """A unit as answers show it."""
    if code is None:
        return None
    unit = names.unit(code)
    return UnitAnswer.model_construct(code=code, name=unit.name if unit else code, tier=unit.tier if unit else "")


def named_department(code: str | None, names: Names) -> NamedCode | None:
    """A department as answers show it."""
    return None if code is None else _known_department(code, names)


def _known_department(code: str, names: Names) -> NamedCode:
    office = names.department(code)
    return NamedCode.model_construct(code=code, name=office.name if office else code)


def _hand_off(life: Life) -> HandOffAnswer | None:
    if not life.hand_off:
        return None
    return HandOffAnswer.model_construct(
        to=list(life.hand_off), outstanding=list(life.hand_off_outstanding), confirmed_at=life.hand_off_confirmed_at
    )


def _resolution(life: Life, key: PetitionKey | None) -> ResolutionAnswer | None:
    reported = life.resolution
    if reported is None:
        return None
    return ResolutionAnswer.model_construct(
        round=reported.event.round,
        result=reported.event.result,
        text=None if key is None else key.open(reported, "text"),
        at=reported.event.at,
        on_the_spot=reported.event.on_the_spot,
    )


def _feedback(life: Life) -> FeedbackAnswer | None:
    if life.first_rating is None or life.final_rating is None:
        return None
    first, final = (
        RatingAnswer.model_construct(
            round=one.round, solved=one.solved, satisfied=one.satisfied, contacted=one.contacted, at=one.at
        )
        for one in (life.first_rating, life.final_rating)
    )
    return FeedbackAnswer.model_construct(first=first, final=final)


def _responsible(life: Life) -> ResponsibleAnswer | None:
    held = life.responsible
    if held is None:
        return None
    return ResponsibleAnswer.model_construct(
        unit=held.unit, department=held.department, since=held.since, staff=held.staff
    )


def _dispatch(life: Life, names: Names) -> DispatchAnswer | None:
    if life.dispatch is None or life.mode is None or life.issued_at is None:
        return None
    return DispatchAnswer.model_construct(
        id=str(life.dispatch),
        mode=life.mode,
        round=life.dispatch_round,
        issued_at=life.issued_at,
        accepted_at=life.accepted_at,
        partner=named_unit(life.partner, names),
    )


def to_show(stream: Sequence[AnyRecorded]) -> tuple[AnyRecorded, ...]:
    """The stream as it may be shown: of a confidential petition nobody reads who typed in what was asked, who may be
    whoever asked, or lead to them."""
    filed = stream[0].event if stream else None
    if not isinstance(filed, PetitionFiled) or not filed.confidential or filed.filed_by is None:
        return tuple(stream)
    who, unsigned = filed.filed_by.id, filed.model_copy(update={"filed_by": None})
    events = (unsigned, *(recorded.event for recorded in stream[1:]))
    return tuple(
        recorded._replace(event=event, by=None if _typed_in(recorded, who) else recorded.by)
        for recorded, event in zip(stream, events, strict=True)
    )


def _typed_in(recorded: AnyRecorded, who: str) -> bool:
    return recorded.service == PetitionFiled.owner and recorded.by is not None and same_person(recorded.by, who)


def timeline(stream: Sequence[AnyRecorded], key: PetitionKey | None) -> list[dict[str, Any]]:
    """Every event as an item; sealed words opened, person's name and phone left out, and of a confidential petition who
    filed it."""
    return [
        {
            "version": recorded.version,
            "type": type(recorded.event).__name__,
            "at": recorded.event.at,
            "by": recorded.by or recorded.service,
            "causation": recorded.causation,
            "data": opened_data(recorded, key),
        }
        for recorded in to_show(stream)
    ]


HIDDEN = frozenset({"petitioner"})
"""Who asks is nobody's business on a timeline."""


def opened_data(recorded: AnyRecorded, key: PetitionKey | None) -> dict[str, Any]:
    """An event's data as JSON values, with its words opened; `petitioner` is never shown."""
    data: dict[str, Any] = recorded.event.model_dump(mode="json", exclude_none=True, exclude={"at", *HIDDEN})
    for name, adapter in sealed_fields(type(recorded.event)).items():
        if name in data:
            data[name] = None if key is None else adapter.dump_python(key.open(recorded, name), mode="json")
    return data


def is_routed(stream: Sequence[AnyRecorded]) -> bool:
    """Whether somebody has it, or it has come to its own end."""
    return any(isinstance(recorded.event, _PLACED_OR_ENDED) for recorded in stream)


def petition_url(petition: UUID) -> str:
    """Where the petition can be read."""
    return f"/v1/petitions/{petition}"
