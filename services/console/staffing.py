"""Who of the staff has it, and why nobody could have it, in words."""

from collections.abc import Mapping, Sequence

from schemas.event import AnyRecorded, Recorded
from schemas.events.router import DispatchClaimed, PetitionRouted, ResolutionReported
from schemas.events.staffing import NobodyOnDuty, WorkHandedOver
from schemas.roster import Nobody
from services.console.reader import Reader
from services.console.words import Text

_HAS_NOBODY = Text("{receiver}无人值守", "{receiver} has nobody on duty")
_WHY: Mapping[str, Text] = {
    Nobody.NOBODY_POSTED: Text("{receiver}无在任人员", "{receiver} has nobody posted now"),
    Nobody.ALL_ABSENT: Text("{receiver}人员均缺勤", "{receiver} has all its people away"),
}
_CLAIMED = Text("{claimer}，领自{receiver}", "{claimer}, which claimed it from {receiver}")
_PARTNER_CLAIMED = Text("{receiver}，由合伙人{claimer}领取", "{receiver}, whose partner {claimer} claimed it")
_GOES_ON = Text("{nobody}，改问下一处", "{nobody}; the next was asked")


def who_has_it(dispatch: PetitionRouted, since: Sequence[AnyRecorded], reader: Reader) -> str:
    """The receiver of this dispatch, or who claimed it since."""
    receiver = reader.receiver(dispatch.unit, dispatch.department)
    claim = next((one.event for one in since if isinstance(one.event, DispatchClaimed)), None)
    if claim is None or (claim.unit, claim.department) == (dispatch.unit, dispatch.department):
        return receiver
    said = _CLAIMED if claim.responsible is None else _PARTNER_CLAIMED
    return reader.of(said, claimer=reader.receiver(claim.unit, claim.department), receiver=receiver)


def done_by_another(last: Recorded[PetitionRouted], stream: Sequence[AnyRecorded]) -> Recorded[PetitionRouted] | None:
    """首接负责: the dispatch whose receiver reported done what this later one had put with somebody else, who never
    accepted it; None where nobody did."""
    reported = [one.event for one in stream[last.version :] if isinstance(one.event, ResolutionReported)]
    done = reported[-1].dispatch if reported else str(last.ref)
    if done == str(last.ref):
        return None
    return next((one for one in stream if isinstance(one.event, PetitionRouted) and str(one.ref) == done), None)


def nobody(event: NobodyOnDuty, reader: Reader) -> str:
    """Which receiver has nobody, and why."""
    receiver = reader.receiver(event.unit, event.department)
    return reader.of(_WHY.get(event.cause or "", _HAS_NOBODY), receiver=receiver)


def nobody_on_duty(event: NobodyOnDuty, reader: Reader) -> str:
    """The same, and what followed."""
    return reader.of(_GOES_ON, nobody=nobody(event, reader))


def handed_over(event: WorkHandedOver, reader: Reader) -> str:
    """From whom to whom."""
    said = Text("{dispatch}，由 {before} 交给 {after}", "{dispatch}, from {before} to {after}")
    return reader.of(said, dispatch=reader.dispatch(event.dispatch), before=event.from_staff, after=event.to_staff)
