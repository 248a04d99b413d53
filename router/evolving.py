"""The petition as the router sees it after one more event."""

from router.delays import Asked, Counted, Hold
from router.stands import Claim, OnTheSpot, Part, Returner, Site, Stand, Taken, site_of
from router.state import State, initial
from schemas.deadlines import NEAR
from schemas.event import Event, EventRef
from schemas.events.escalation import DeadlineMissed, PetitionEscalated
from schemas.events.feedback import PartReopened, PetitionClosed, PetitionReopened
from schemas.events.intake import (
    DuplicateLinked,
    DuplicateUnlinked,
    PetitionFiled,
    PetitionSplit,
    PetitionWithdrawn,
)
from schemas.events.router import (
    CoHandlerReportedIn,
    CoHandlersSummoned,
    DeadlinesRecounted,
    DispatchAccepted,
    DispatchClaimed,
    DispatchReturned,
    DispatchTransferred,
    ExtensionGranted,
    ExtensionRefused,
    ExtensionRequested,
    HandOffConfirmed,
    HandOffOrdered,
    HoldRefused,
    HoldRequested,
    PartFinished,
    PetitionHeld,
    PetitionPlaced,
    PetitionResumed,
    PetitionRouted,
    ResolutionReported,
)
from schemas.events.severity import PetitionDeclined, PetitionReferred, SeverityAssessed, SeverityReassessed
from schemas.events.staffing import WorkHandedOver
from schemas.words import BY_CHOICE, Disposition, FloorName, Result, ReturnReason, Severity, told_at_once

BEYOND_POWER = f"{ReturnReason.BEYOND_POWER.value}:"
"""How the reason of the one scale floor begins that is remembered; the others follow from what is known."""


def evolve(state: State, event: Event, ref: EventRef) -> State:
    """The petition as the router sees it after one more event."""
    match event:
        case PetitionFiled():
            return state._replace(
                site=_filed_site(event),
                about=event.about,
                confidential=event.confidential,
                received_at=event.received_at,
                filed_kind=event.kind,
                households=event.households,
                money=event.money,
                on_the_spot=_on_the_spot(event, ref),
                split_from=event.split_from,
                history=event.history,
                unsolved=event.unsolved,
            )
        case SeverityAssessed() | SeverityReassessed():
            return _evolve_read(state, event, ref)
        case PetitionRouted():
            return _evolve_routed(state, event, ref)
        case PetitionEscalated() | DeadlineMissed():
            return _evolve_late(state, event)
        case PetitionPlaced():
            return state._replace(site=site_of(event.unit, event.touches))
        case DispatchAccepted():
            taken = Taken(state.department or state.unit, event.accepted_by or "")
            return state._replace(accepted=state.stand, taken=taken)
        case DispatchClaimed():
            claim = Claim(event.dispatch, event.unit, event.claimed_by, event.department)
            taken = Taken(event.department or event.unit, event.claimed_by)
            return state._replace(accepted=state.stand, claim=claim, taken=taken)
        case DispatchReturned():
            returner = Returner(state.handler, state.office, event.reason, state.kind, state.site)
            return state._replace(returned=(*state.returned, returner))
        case DispatchTransferred():
            return state._replace(transfers=state.transfers + 1)
        case ResolutionReported():
            return _evolve_resolved(state, event)
        case PetitionReopened():
            return state._replace(
                parts=state.resolved_with if event.by_a_part else initial.parts,
                resolved_with=initial.parts,
                round=event.round,
                reopened=event.cause,
                told=initial.told if event.in_vain else state.told,
                reported=state.reported if event.in_vain else Stand(),
                unsolved=state.unsolved + (event.in_vain and state.resolved and bool(state.reported.dispatch)),
                unlinked=False,
                resolved=False,
                ended=False,
                let_go=False,
                routed=False,
                accepted=Stand(),
                escalated=Stand() if state.resolved else state.escalated,  # a miss that nobody routed still counts
                returned=(),
                summoned=initial.summoned,
                reported_in=frozenset(),
                extension=None,
                extensions=0,
                hold_asked=None,
                holds=0,
                transfers=0,
                resolve_by=None,
                resolve_counted=None,
                provisional=False,
            )
        case PetitionWithdrawn() | PetitionReferred() | PetitionDeclined():
            in_vain = Stand() if state.routed or state.resolved else state.reported  # no dispatch says so yet
            over = state._replace(ended=True, root=None, reported=in_vain)
            over = over._replace(hold=Hold(state.hold.number))
            return over._replace(let_go=isinstance(event, PetitionWithdrawn))
        case PetitionClosed():
            return state._replace(ended=True, let_go=event.by_machine)
        case DuplicateLinked() | DuplicateUnlinked():
            return _evolve_linked(state, event, ref)
        case PetitionSplit() | PartFinished() | PartReopened():
            return _evolve_split(state, event)
        case _:
            return _evolve_asked(state, event)


def _on_the_spot(event: PetitionFiled, ref: EventRef) -> OnTheSpot | None:
    if event.on_the_spot is None or event.filed_by is None:
        return None
    files = event.on_the_spot_attachments
    return OnTheSpot(
        text=event.on_the_spot.carried(ref.version, "on_the_spot"),
        result=event.on_the_spot_result or Result.DONE,
        attachments=files and files.carried(ref.version, "on_the_spot_attachments"),
        by=event.filed_by.id,
    )


def _filed_site(event: PetitionFiled) -> Site:
    found = event.location
    return Site(found.unit, found.reason, found.touched) if found else site_of(event.place_unit)


def _evolve_read(state: State, event: SeverityAssessed | SeverityReassessed, ref: EventRef) -> State:
    must_know = event.hand_off if told_at_once(event.severity, event.disposition.once_reopened) else ()
    added = isinstance(event, SeverityAssessed) and event.supplement is not None
    after_the_end = added and (state.resolved or state.ended)
    read = state._replace(
        reading=ref.version,
        kind=event.kind,
        severity=event.severity,
        asks=event.disposition is Disposition.ASK,
        must_know=must_know,
        told=state.told if must_know and not after_the_end else initial.told,
        routed_severity=min(state.routed_severity, event.severity, key=lambda one: one.rank),
        first=_taken_for(state.first, event.severity),
        accepted=_taken_for(state.accepted, event.severity),
    )
    if isinstance(event, SeverityAssessed):
        turned_away = state.ended and not state.resolved  # by who need not have known what was added before
        return read._replace(let_go=state.let_go or (turned_away and added))
    households, money = event.households, event.money  # an old log does not say them
    return read._replace(
        households=state.households if households is None else households,
        money=state.money if money is None else money,
    )


def _taken_for(stand: Stand, severity: Severity) -> Stand:
    """Whoever was told that it is milder by now does not take it for what it was."""
    return stand._replace(severity=min(stand.severity, severity, key=lambda one: one.rank))


def _evolve_late(state: State, event: PetitionEscalated | DeadlineMissed) -> State:
    if isinstance(event, PetitionEscalated):
        climbs = event.dispatch == state.dispatch
        return state._replace(escalated=state.stand, escalated_by=event.cause) if climbs else state
    of_the_round = event.deadline == f"resolve:{state.round}"
    return state._replace(missed=(event.due_at, event.at)) if of_the_round else state


def _evolve_resolved(state: State, event: ResolutionReported) -> State:
    """Where the dispatch stands that was reported done: that of the root, when it was done with its root; those of its
    parts, when it had been split."""
    reported, others = state.responsible, [one.stand for one in state.parts.values() if one.stand.dispatch]
    if event.root is not None or event.part is not None:
        reported = Stand(event.dispatch, event.tier or "", event.unit or "", state.place)
    return state._replace(
        resolved=True,
        on_the_spot=None,
        reported=reported,
        reported_with=tuple(others),
        root=None,
        duplicates=frozenset(),
        parts=initial.parts,
        resolved_with=state.parts,
        hold=Hold(state.hold.number),
    )


def _evolve_split(state: State, event: PetitionSplit | PartFinished | PartReopened) -> State:
    """拆分: nobody handles what was split; each of its parts is done with in one of its rounds."""
    match event:
        case PetitionSplit():
            parts = dict.fromkeys(event.parts, Part())
            return _handled_elsewhere(state)._replace(parts=parts, hold=Hold(state.hold.number), resolve_by=None)
        case PartFinished():
            stand = Stand(event.dispatch or "", event.tier or "", event.unit or "", state.place)
            part = Part(event.round, event.outcome, stand)
        case PartReopened():
            part = Part(event.round)
    return state._replace(parts={**state.parts, event.part: part})


def _handled_elsewhere(state: State) -> State:
    """The same with nobody who handles it for itself."""
    return state._replace(
        unlinked=False,
        routed=False,
        accepted=Stand(),
        summoned=initial.summoned,
        reported_in=frozenset(),
        extension=None,
        hold_asked=None,
    )


def _evolve_linked(state: State, event: DuplicateLinked | DuplicateUnlinked, ref: EventRef) -> State:
    """并案: what follows another has nobody who handles it; what follows it no more has nobody yet, unless it was
    placed for itself since. The round's time is not given twice: it runs on, or stands still where it was on hold."""
    begins = isinstance(event, DuplicateLinked)
    if event.duplicate != ref.petition:
        kept = state.duplicates - {event.duplicate}
        return state._replace(duplicates=kept | {event.duplicate} if begins else kept)
    if not begins:
        return state._replace(root=None, unlinked=state.root is not None)
    return _handled_elsewhere(state)._replace(root=event.root, followed_as=state.severity)


def _evolve_asked(state: State, event: Event) -> State:
    """交接, 吹哨, 延期, 挂账 and hand-offs: who has it now, what was asked for, and what came of it."""
    match event:
        case WorkHandedOver():
            return state._replace(taken=state.taken._replace(staff=event.to_staff))
        case HandOffOrdered():
            return state._replace(hand_off=event.to, told=state.told.union(event.to), confirm_by=event.confirm_by)
        case HandOffConfirmed():
            told = state.told | {event.to} if event.to in state.must_know else state.told
            return state._replace(hand_off=event.outstanding, told=told)
        case CoHandlersSummoned():
            return state._replace(summoned={**state.summoned, **dict.fromkeys(event.departments, event.dispatch)})
        case CoHandlerReportedIn():
            return state._replace(reported_in=state.reported_in | {event.department})
        case ExtensionRequested():
            return state._replace(extension=Asked(event.until, event.asked_by))
        case ExtensionGranted():
            return state._replace(
                extension=None,
                extensions=state.extensions + 1,
                resolve_by=event.until,
                resolve_near=event.at + NEAR * (event.until - event.at),
                resolve_counted=None,
            )
        case ExtensionRefused():
            return state._replace(extension=None)
        case HoldRequested():
            return state._replace(hold_asked=Asked(event.until, event.asked_by))
        case HoldRefused():
            return state._replace(hold_asked=None)
        case PetitionHeld():
            hold = Hold(event.number, event.at)
            return state._replace(hold_asked=None, extension=None, hold=hold, holds=state.holds + 1)
        case PetitionResumed():
            counted = Counted(event.at, event.resolve_by, event.policy, state.kind, state.severity)
            return state._replace(
                hold=Hold(event.number),
                resolve_by=event.resolve_by,
                resolve_near=event.resolve_near,
                resolve_counted=state.resolve_counted and counted,
                provisional=event.provisional,
            )
        case DeadlinesRecounted():
            return _evolve_recounted(state, event)
        case _:
            return state


def _resolve_counted(state: State, event: PetitionRouted) -> Counted | None:
    if event.resolve_by == state.resolve_by:
        return state.resolve_counted  # the round's own time stands
    if event.overdue:  # hours of the day, unless it may be accepted until later
        accepted = Counted(event.at, event.accept_by, event.policy, event.kind, event.severity)
        return accepted if event.resolve_by == event.accept_by else None
    received = state.received_at if event.round == 1 else None
    since = state.resolve_counted.since if state.resolve_counted else min(received or event.at, event.at)
    return Counted(since, event.resolve_by, event.policy, event.kind, event.severity)


def _evolve_recounted(state: State, event: DeadlinesRecounted) -> State:
    accept, resolve = state.accept_counted, state.resolve_counted
    return state._replace(
        accept_counted=accept and accept._replace(due=event.accept_by or accept.due, policy=event.policy),
        resolve_counted=resolve and resolve._replace(due=event.resolve_by or resolve.due, policy=event.policy),
        resolve_by=event.resolve_by or state.resolve_by,
        resolve_near=event.resolve_near or state.resolve_near,
        provisional=event.provisional,
    )


def _evolve_routed(state: State, event: PetitionRouted, ref: EventRef) -> State:
    raised = {floor.floor: floor for floor in event.floors}
    beyond = (floor for floor in event.floors if floor.reason.startswith(BEYOND_POWER))
    stays = (event.unit, event.department) == (state.unit, state.department)
    routed = state._replace(
        dispatch=str(ref),
        dispatched=ref.version,
        routed=True,
        root=None,
        unlinked=False,
        reported=Stand(),
        on_the_spot=None if state.dispatch else state.on_the_spot,
        reported_with=(),
        parts=initial.parts,
        tier=event.tier,
        unit=event.unit,
        department=event.department,
        moved=event.rule in (*BY_CHOICE, "returned") or (state.moved and stays),
        given_back=event.rule == "returned" or (state.given_back and stays),
        away=event.rule in BY_CHOICE or (state.away and event.rule != "placed"),
        mode=event.mode,
        extension=None,
        hold_asked=None,
        given_back_at=event.at if event.rule == "returned" else None,
        kind=event.kind,
        severity=event.severity,
        routed_kind=event.kind,
        routed_severity=event.severity,
        resolve_by=event.resolve_by,
        resolve_near=event.resolve_near,
        accept_counted=Counted(event.at, event.accept_by, event.policy, event.kind, event.severity),
        resolve_counted=_resolve_counted(state, event),
        provisional=event.provisional,
        history=raised.get(FloorName.HISTORY),
        course=event.climbed_from(state.course),
        scale=next(beyond, None),
    )
    return routed if state.routed else routed._replace(first=routed.stand)
