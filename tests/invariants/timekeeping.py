"""Deadlines followed by the contract's own table: met, missed or cut short by the end, exactly one, never early."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from tests.invariants.rows import Complaint, Row, moment

CUT_SHORT_BY_THE_END = {"accept", "resolve", "report_in", "hold", "review", "feedback", "supervise"}
OVER = {"met", "lapsed"}
TOO_LATE = timedelta(seconds=10)
"""Nobody is warned so short before the due time."""


@dataclass
class Deadline:
    """One due time of one name."""

    name: str
    due: datetime
    near: datetime
    """When to warn."""
    state: str = "open"
    noticed: bool = False
    warned: bool = False

    @property
    def family(self) -> str:
        return self.name.split(":")[0]


@dataclass
class Timekeeper:
    """All deadlines that a petition ever had."""

    all: list[Deadline] = field(default_factory=list)

    @property
    def open(self) -> list[Deadline]:
        return [one for one in self.all if one.state == "open"]

    def hear(self, row: Row) -> None:
        """One event, by the table of the contract."""
        data, at = row.data, row.at
        match row.type:
            case "PetitionFiled":
                self._start("assess", data["assess_by"], at)
            case "PetitionRouted":
                self._stop({"assess", "accept"}, at)
                self._start(f"accept:{row.ref}", data["accept_by"], at, data.get("accept_near"))
                self._start(f"resolve:{data['round']}", data["resolve_by"], at, data.get("resolve_near"))
            case "DispatchAccepted" | "DispatchClaimed" | "DispatchReturned":
                self._stop({"accept"}, at)
            case "ResolutionReported":
                self._stop({"accept", "resolve"}, at)
                self._stop({"report_in"}, at, "lapsed")
                self._start(f"feedback:{data['round']}", data["answer_by"], at)
            case "HandOffOrdered":
                self._start("hand_off", data["confirm_by"], at)
            case "HandOffConfirmed" if not data["outstanding"]:
                self._stop({"hand_off"}, at)
            case "ReviewRequested":
                self._start("review", data["review_by"], at)
            case "SeverityConfirmed" | "SeverityReassessed":
                self._stop({"review"}, at)
            case "FeedbackRequested":
                self._start(f"feedback:{data['round']}", data["answer_by"], at)
            case "FeedbackAttempted" | "FeedbackReceived" if data.get("last", True):
                self._stop({"feedback"}, at)
            case "PetitionReopened":
                self._reopen(data, at)
            case "SupervisionOrdered":
                self._start(f"supervise:{data['number']}", data["answer_by"], at)
            case "SupervisionAnswered":
                self._stop({"supervise"}, at)
            case "PetitionWithdrawn" | "PetitionReferred" | "PetitionDeclined" | "PetitionClosed":
                self._end(at)
            case "DeadlineMissed":
                self._notice(row)
            case _:
                self._hear_of_more_time(row)

    def _reopen(self, data: dict[str, Any], at: datetime) -> None:
        self._stop({"feedback"}, at)
        if data["cause"] != "part":  # else it waits for its parts
            self._start("assess", data["route_by"], at)

    def _hear_of_more_time(self, row: Row) -> None:
        data, at = row.data, row.at
        match row.type:
            case "DeadlineNear":
                self._warn(row)
            case "CoHandlersSummoned":
                for one in data["departments"]:
                    self._start(f"report_in:{data['dispatch']}:{one}", data["report_in_by"], at)
            case "CoHandlerReportedIn":
                self._stop({f"report_in:{data['dispatch']}:{data['department']}"}, at)
            case "ExtensionGranted":
                self._start(f"resolve:{data['round']}", data["until"], at)
            case "PetitionHeld":
                self._stop({"resolve"}, at, "lapsed")
                self._start(f"hold:{data['number']}", data["until"], at)
            case "DeadlinesRecounted":
                for name, what in ((f"accept:{data['dispatch']}", "accept"), (f"resolve:{data['round']}", "resolve")):
                    if (due := data.get(f"{what}_by")) is not None:
                        self._start(name, due, at, data.get(f"{what}_near"))
            case "PetitionResumed":
                self._stop({"hold"}, at)
                self._start(f"resolve:{data['round']}", data["resolve_by"], at, data.get("resolve_near"))

            case "DuplicateUnlinked" if data.get("route_by"):
                self._start("assess", data["route_by"], at)
            case "DuplicateLinked" if data["duplicate"] == row.ref.partition(":")[0]:
                self._end(at)
            case "PetitionSplit":
                self._end(at)

    def _end(self, at: datetime) -> None:
        self._stop({"assess"}, at)
        self._stop(CUT_SHORT_BY_THE_END, at, "lapsed")

    def settled(self, now: datetime, petition: str) -> None:
        """Once everything was heard and every timer looked: no breach is left unsaid."""
        for one in self.all:
            if one.state == "open" and now > one.due:
                raise Complaint(f"{petition}: {one.name} was due {one.due}, it is {now}, and nobody noticed")
            if one.state == "missed" and not one.noticed:
                raise Complaint(f"{petition}: {one.name} was missed and nobody said so")
            if one.state == "open" and now > one.near and not one.warned and one.due - one.near > TOO_LATE:
                raise Complaint(f"{petition}: {one.name} is near since {one.near}, it is {now}, and nobody was warned")

    def _start(self, name: str, due: str, at: datetime, near: str | None = None) -> None:
        when = moment(due)
        if when < at:
            raise Complaint(f"{name} is due {when}, before it was set at {at}")
        warned = False
        for one in [one for one in self.all if (one.name, one.due) == (name, when)]:
            if one.state not in OVER:
                return
            self.all.remove(one)
            warned = one.warned
        for one in [one for one in self.open if one.name == name]:
            if at > one.due:
                one.state = "missed"
            else:
                self.all.remove(one)
        self.all.append(Deadline(name, when, moment(near) if near else at + 0.8 * (when - at), warned=warned))

    def _stop(self, what: set[str], at: datetime, in_time: str = "met") -> None:
        """`what`: families, or the name of one that is no family's."""
        for one in self.open:
            if what & {one.family, one.name}:
                one.state = in_time if at <= one.due else "missed"

    def _warn(self, row: Row) -> None:
        name, due = row.data["deadline"], moment(row.data["due_at"])
        found = [one for one in self.open if (one.name, one.due) == (name, due)]
        if not found:
            raise Complaint(f"{row} warns of a deadline that is not open")
        [one] = found
        if one.warned:
            raise Complaint(f"{row} warns for the second time")
        if not one.near < row.at <= due:
            raise Complaint(f"{row} warns early or late: it is near since {one.near}")
        one.warned = True

    def _notice(self, row: Row) -> None:
        name, due = row.data["deadline"], moment(row.data["due_at"])
        found = [one for one in self.all if (one.name, one.due) == (name, due)]
        if not found:
            raise Complaint(f"{row} is about a deadline that never was")
        [one] = found
        if one.state in OVER:
            raise Complaint(f"{row} although it was {one.state}")
        if one.noticed:
            raise Complaint(f"{row} for the second time")
        if row.at <= due or row.recorded_at <= due:
            raise Complaint(f"{row} early, at {row.recorded_at}")
        if row.data["late"] != (one.state == "missed"):
            raise Complaint(f"{row} says late={row.data['late']} of one that is {one.state}")
        one.state, one.noticed = "missed", True
