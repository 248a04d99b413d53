"""Who of the staff has it, and why nobody could have it, in words."""

from collections.abc import Mapping

from schemas.events.staffing import NobodyOnDuty, WorkHandedOver
from schemas.roster import Nobody
from services.console.reader import Reader
from services.console.words import Text

_HAS_NOBODY = Text("{receiver}无人值守", "{receiver} has nobody on duty")
_WHY: Mapping[str, Text] = {
    Nobody.NOBODY_POSTED: Text("{receiver}无在任人员", "{receiver} has nobody posted now"),
    Nobody.ALL_ABSENT: Text("{receiver}人员均缺勤", "{receiver} has all its people away"),
}
_GOES_ON = Text("{nobody}，改问下一处", "{nobody}; the next was asked")


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
