"""待办: what a unit has to do, and who there has it to do."""

from collections.abc import Sequence
from datetime import datetime

from pydantic import Field

from schemas.life import Life, fold_life
from schemas.petition import Answer
from schemas.words import Status
from services.chassis.runtime import Runtime
from services.console.listing import Behind, ListAnswer, ListItem

AT_WORK = (Status.ACCEPTED, Status.HELD)


class WorkItem(ListItem):
    """One petition on a worklist."""

    staff: str | None = Field(
        description="Who there has it to do: who took it, or was handed it; null while nobody took it"
    )
    staff_away: bool = Field(description="By the roster that person is not on duty there today: hand it over")
    answer_by: datetime | None = Field(
        description="Until when this unit must answer a supervision of it, whoever has it; null when it need not"
    )


class WorklistAnswer(Answer):
    """A page of a worklist; `next` is the cursor of the page after it, null on the last."""

    items: list[WorkItem]
    next: str | None
    total: int | None = Field(description="How many on all pages; null for more than 1,000")
    behind: Behind


async def with_staff(listed: ListAnswer, units: Sequence[str], runtime: Runtime) -> WorklistAnswer:
    """The page of these units' work with who has what, and what they must answer, as the log has it now."""
    looked_into = [item.id for item in listed.items if item.status in AT_WORK or item.supervised]
    streams = await runtime.log.load(looked_into)
    lives = {petition: fold_life(streams[petition]) for petition in looked_into}
    return WorklistAnswer(
        items=[_with_staff(item, lives.get(item.id), units, runtime) for item in listed.items],
        next=listed.next,
        total=listed.total,
        behind=listed.behind,
    )


def _with_staff(item: ListItem, life: Life | None, units: Sequence[str], runtime: Runtime) -> WorkItem:
    answers = [due for unit, due in life.asked.items() if unit in units] if life is not None else []
    answer_by = min(answers, default=None)
    theirs = any(one is not None and one.code in units for one in (item.unit, item.partner))
    held = life.responsible if theirs and life is not None and life.status in AT_WORK else None
    if life is None or held is None or held.staff is None:
        return WorkItem(**dict(item), staff=None, staff_away=False, answer_by=answer_by)
    rosters, receiver = runtime.policies.current.rosters, life.partner or held.department or held.unit
    away = not rosters.works_for(receiver, held.staff, runtime.time.now())
    return WorkItem(**dict(item), staff=held.staff, staff_away=away, answer_by=answer_by)
