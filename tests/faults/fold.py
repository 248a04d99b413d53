"""One petition's life as this module understands the contract: a second opinion, in a few rules.

It shares no code with the services: it reads rows, and says what it finds wrong.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tests.faults.fold_of_kin import Kin
from tests.faults.rows import EventRow
from tests.invariants.dangers import Dangers

LADDER = ("grid", "community", "street", "district")
ENDS = {
    "PetitionClosed": "closed", "PetitionReferred": "referred", "PetitionDeclined": "declined",
    "PetitionWithdrawn": "withdrawn",
}  # fmt: skip
AT_THE_END = ("assess", "accept", "resolve", "review", "feedback", "supervise")
STOPS: dict[str, tuple[str, ...]] = {
    "PetitionRouted": ("assess", "accept"),
    "DispatchAccepted": ("accept",),
    "DispatchClaimed": ("accept",),
    "PetitionSplit": AT_THE_END,
    "ResolutionReported": ("accept", "resolve"),
    "SeverityConfirmed": ("review",),
    "SeverityReassessed": ("review",),
    "FeedbackReceived": ("feedback",),
    "PetitionReopened": ("feedback",),
    "SupervisionAnswered": ("supervise",),
    **dict.fromkeys(ENDS, AT_THE_END),
}
DOWN_BY_A_PERSON = ("moved", "placed", "policy")


def moment(written: str) -> datetime:
    return datetime.fromisoformat(written)


@dataclass
class Due:
    """One deadline: `open`, `met`, `late` (stopped after it was due, not yet said), `missed` (said)."""

    name: str
    at: datetime
    near: datetime
    """When somebody may be warned of it."""
    state: str = "open"
    warned: bool = False


@dataclass
class Folded(Kin):
    """What a petition is after its events; `wrong` holds (invariant, what)."""

    petition: str
    status: str = ""
    severity: str = ""
    """How grave it was read as last."""
    version: int = 0
    round: int = 1
    tier: str | None = None
    unit: str | None = None
    department: str | None = None
    stood: str | None = None
    """The tier at which it stood last, also while it goes on in others and stands nowhere."""
    dispatch: str = ""
    dispatches: set[str] = field(default_factory=set)
    accepted: set[str] = field(default_factory=set)
    escalated: set[str] = field(default_factory=set)
    resolved: int = 0
    asked: int = 0
    untold: bool = False
    """Whether somebody is still to be told of a danger."""
    due: list[Due] = field(default_factory=list)
    lateness: list[tuple[float, float]] = field(default_factory=list)
    """Of each deadline that passed while nothing stopped it: when that was, in seconds since 1970, and how many seconds
    later it was stored that it did."""
    warnings: int = 0
    dangers: Dangers = field(default_factory=Dangers)
    wrong: list[tuple[int, str]] = field(default_factory=list)

    @property
    def ended(self) -> bool:
        return self.status in ENDS.values()

    @property
    def is_over(self) -> bool:
        """Whether nobody has to do anything for it but to ask."""
        return self.ended or self.status == "resolved"

    def open(self) -> dict[str, datetime]:
        return {one.name: one.at for one in self.due if one.state == "open"}

    def hear(self, event: EventRow) -> None:
        """One more event."""
        self.version += 1
        if (event.type == "PetitionFiled") != (self.version == 1):
            self._no(5, event, "is not where a life begins")
        step = getattr(self, f"_{event.type}", None)
        if step is not None:
            step(event, event.data)
        self._time(event, event.data)
        self.dangers.hear(event)

    def _no(self, invariant: int, event: EventRow, why: str) -> None:
        self.wrong.append((invariant, f"{event.type} {event.id} {why}"))

    def _PetitionFiled(self, event: EventRow, data: dict[str, Any]) -> None:  # noqa: N802
        self.status, self.split_from = "filed", data.get("split_from") or ""
        self.done_in = data["place_unit"] if data.get("on_the_spot") else ""

    def _SeverityAssessed(self, event: EventRow, data: dict[str, Any]) -> None:  # noqa: N802
        self.severity = data.get("severity", "")
        if self.status == "filed":
            self.status = "assessed"

    _SeverityReassessed = _SeverityAssessed

    def _HandOffOrdered(self, event: EventRow, data: dict[str, Any]) -> None:  # noqa: N802
        self.untold = event.type == "HandOffOrdered" or bool(data.get("outstanding"))

    _HandOffConfirmed = _HandOffOrdered

    def _PetitionRouted(self, event: EventRow, data: dict[str, Any]) -> None:  # noqa: N802
        if self.ended or self.resolved == self.round:
            self._no(5, event, "comes after the round is over")
        if data["round"] != self.round:
            self._no(5, event, f"is of round {data['round']}, and it is round {self.round}")
        down = self.stood is not None and LADDER.index(data["tier"]) < LADDER.index(self.stood)
        if down and data["rule"] not in DOWN_BY_A_PERSON:
            self._no(15, event, f"moves it down from {self.stood} to {data['tier']}")
        if data["rule"] == "escalated" and self.dispatch not in self.escalated:
            self._no(5, event, "climbs, and nothing was escalated")
        self.status, self.tier, self.unit, self.department = "routed", data["tier"], data["unit"], data["department"]
        self.dispatch, self.stood = event.id, data["tier"]
        self.dispatches.add(event.id)
        self._stands_for_itself(data)

    def _DispatchAccepted(self, event: EventRow, data: dict[str, Any]) -> None:  # noqa: N802
        if data["dispatch"] != self.dispatch or self.status not in ("routed", "accepted"):
            self._no(5, event, "is of a dispatch that is not open")
        if data["dispatch"] in self.accepted:
            self._no(10, event, "accepts a dispatch twice")
        self._taken(event, data["dispatch"], data.get("accepted_by", ""))

    def _DispatchClaimed(self, event: EventRow, data: dict[str, Any]) -> None:  # noqa: N802
        if data["dispatch"] != self.dispatch or self.status not in ("routed", "accepted"):
            self._no(5, event, "is of a dispatch that is not open")
        if data["dispatch"] in self.accepted:
            self._no(10, event, "claims a dispatch that somebody has")
        if data.get("responsible") is None:  # no partner, behind whom its unit stays
            self.unit, self.department = data["unit"], data.get("department")
        self._taken(event, data["dispatch"], data["claimed_by"])

    def _taken(self, event: EventRow, dispatch: str, staff: str) -> None:
        self.accepted.add(dispatch)
        self.status, self.staff, self.left_lying = "accepted", staff, False

    def _WorkHandedOver(self, event: EventRow, data: dict[str, Any]) -> None:  # noqa: N802
        if data["dispatch"] not in self.accepted or data["from_staff"] != self.staff:
            self._no(5, event, f"is from {data['from_staff']}, and {self.staff or 'nobody'} has it")
        self.staff = data["to_staff"]

    def _ResolutionReported(self, event: EventRow, data: dict[str, Any]) -> None:  # noqa: N802
        if self.resolved == data["round"]:
            self._no(10, event, "resolves a round twice")
        by_others = self._is_done_by_others(event, data)
        if self.ended or data["round"] != self.round or not (by_others or data["dispatch"] in self.accepted):
            self._no(5, event, "resolves what nobody accepted")
        if data.get("on_the_spot"):
            self.on_the_spot = True
            if not self.done_in:
                self._no(5, event, "says that it was dealt with on the spot, and nobody filed it so")
        self.resolved, self.status, self.root = data["round"], "resolved", ""
        self.parts, self.resolved_with = {}, self.parts

    def _FeedbackRequested(self, event: EventRow, data: dict[str, Any]) -> None:  # noqa: N802
        if self.asked == data["round"]:
            self._no(10, event, "asks for a round twice")
        if self.resolved != data["round"]:
            self._no(5, event, "asks what nobody resolved")
        self.asked = data["round"]

    def _FeedbackReceived(self, event: EventRow, data: dict[str, Any]) -> None:  # noqa: N802
        if self.ended or self.asked != data["round"]:
            self._no(5, event, "answers what nobody asked")

    def _PetitionReopened(self, event: EventRow, data: dict[str, Any]) -> None:  # noqa: N802
        if data["round"] != self.round + 1:
            self._no(5, event, f"opens round {data['round']} after round {self.round}")
        self.round, self.status = data["round"], self._waits_again(event, data)

    def _PetitionClosed(self, event: EventRow, data: dict[str, Any]) -> None:  # noqa: N802
        if self.ended or self.asked != self.round:
            self._no(10 if self.ended else 5, event, "closes what is not asked about")
        self.status = "closed"

    def _PetitionWithdrawn(self, event: EventRow, data: dict[str, Any]) -> None:  # noqa: N802
        if self.ended or self.resolved == self.round:
            self._no(5, event, "takes back what is over")
        self.status, self.root, self.left = "withdrawn", "", ""

    def _PetitionReferred(self, event: EventRow, data: dict[str, Any]) -> None:  # noqa: N802
        self.status = "referred"

    def _PetitionDeclined(self, event: EventRow, data: dict[str, Any]) -> None:  # noqa: N802
        self.status = "declined"

    def _PetitionEscalated(self, event: EventRow, data: dict[str, Any]) -> None:  # noqa: N802
        if data["dispatch"] in self.escalated:
            self._no(14, event, "escalates a dispatch twice")
        if data["dispatch"] not in self.dispatches:
            self._no(5, event, "escalates a dispatch that never was")
        self.escalated.add(data["dispatch"])

    def _time(self, event: EventRow, data: dict[str, Any]) -> None:
        """Met or missed, exactly one of the two."""
        if event.type == "DeadlineMissed":
            self._missed(event, data)
            return
        if event.type == "DeadlineNear":
            self._warned(event, data)
            return
        at = moment(data["at"]) if "at" in data else None
        if at is None:
            return
        stops = STOPS.get(event.type, ())
        if event.type == "DuplicateLinked" and data["duplicate"] == self.petition:
            stops = AT_THE_END
        if event.type == "HandOffConfirmed" and not data.get("outstanding"):
            stops = ("hand_off",)
        if event.type == "FeedbackAttempted" and data.get("last"):
            stops = ("feedback",)
        for one in self.due:
            if one.state == "open" and one.name.partition(":")[0] in stops:
                one.state = "met" if at <= one.at else "late"
        for name, due, near in _starts(event, data):
            self._start(name, moment(due), at, near)

    def _start(self, name: str, due: datetime, at: datetime, near: str | None) -> None:
        warned = False
        for one in [one for one in self.due if one.name == name]:
            if one.at == due:
                if one.state != "met":
                    return
                self.due.remove(one)
                warned = one.warned
            elif one.state == "open":
                if at > one.at:
                    one.state = "late"
                else:
                    self.due.remove(one)
        self.due.append(Due(name, due, moment(near) if near else at + 0.8 * (due - at), warned=warned))

    def _warned(self, event: EventRow, data: dict[str, Any]) -> None:
        due, at = moment(data["due_at"]), moment(data["at"])
        named = [one for one in self.due if (one.name, one.at) == (data["deadline"], due)]
        if not named:
            self._no(13, event, f"warns of {data['deadline']}, which never was")
            return
        (one,) = named
        self.warnings += 1
        if one.state != "open":
            self._no(13, event, f"warns of {one.name}, which was {one.state}")
        if one.warned:
            self._no(13, event, f"warns of {one.name} twice")
        if at > due:
            self._no(13, event, f"warns of {one.name} when it has passed")
        if at <= one.near or event.recorded_at < one.near.timestamp() * 1e6:
            self._no(14, event, f"warns {(one.near - at).total_seconds():.3f} s early")
        one.warned = True

    def _missed(self, event: EventRow, data: dict[str, Any]) -> None:
        due, at = moment(data["due_at"]), moment(data["at"])
        named = [one for one in self.due if (one.name, one.at) == (data["deadline"], due)]
        if not named:
            self._no(13, event, f"misses {data['deadline']}, which never was")
            return
        (one,) = named
        if one.state == "missed":
            self._no(13, event, f"misses {one.name} twice")
        elif one.state == "met":
            self._no(13, event, f"misses {one.name}, which was met")
        elif (one.state == "late") != data.get("late", False):
            self._no(13, event, f"says that {one.name} {'did not come' if one.state == 'late' else 'came late'}")
        if at <= due:
            self._no(14, event, f"is {(due - at).total_seconds():.3f} s early")
        if event.recorded_at < due.timestamp() * 1e6:
            self._no(14, event, "was stored before the deadline had passed")
        if one.state == "open":
            self.lateness.append((due.timestamp(), event.recorded_at / 1e6 - due.timestamp()))
        one.state = "missed"


def _starts(event: EventRow, data: dict[str, Any]) -> list[tuple[str, str, str | None]]:
    """What begins: its name, when it is due, and when it is near, where the event says so."""
    match event.type:
        case "PetitionFiled":
            return [("assess", data["assess_by"], None)]
        case "PetitionRouted":
            return [
                (f"accept:{event.id}", data["accept_by"], data.get("accept_near")),
                (f"resolve:{data['round']}", data["resolve_by"], data.get("resolve_near")),
            ]
        case "ResolutionReported" | "FeedbackRequested" if data.get("answer_by"):
            return [(f"feedback:{data['round']}", data["answer_by"], None)]
        case "HandOffOrdered":
            return [("hand_off", data["confirm_by"], None)]
        case "ReviewRequested":
            return [("review", data["review_by"], None)]
        case "PetitionReopened" | "DuplicateUnlinked" if data.get("route_by"):
            return [("assess", data["route_by"], None)]
        case "SupervisionOrdered":
            return [(f"supervise:{data['number']}", data["answer_by"], None)]
        case _:
            return []


def folded(stream: list[EventRow]) -> Folded:
    """A whole life."""
    life = Folded(stream[0].petition)
    for event in stream:
        life.hear(event)
    return life
