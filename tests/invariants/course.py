"""One petition's course, followed with this module's own small rules: which step may follow which."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.invariants.asked_back import AskedBack
from tests.invariants.dangers import Dangers
from tests.invariants.linked import Linked
from tests.invariants.more_time import MoreTime
from tests.invariants.rows import Complaint, Row
from tests.invariants.split import SplitUp
from tests.invariants.staffed import Staffed
from tests.invariants.supervised import NAMES, Supervised
from tests.invariants.timekeeping import Timekeeper
from tests.invariants.voices import BY_A_PERSON, OWNER

GOES_ON = {"assess", "accept", "resolve", "hold", "feedback", "supervise"}
"""A review or a hand-off is watched too, but a petition is not finished by it."""
HANDS_ON = {"PetitionFiled", "ResolutionReported", "PetitionReopened"}
"""After these another service must go on; should it never hear of them, its deadline passes and somebody notices."""
RANKS = {"routine": 0, "urgent": 1, "critical": 2}
CHOSEN = {"moved", "transferred", "returned"}
BY_THE_RESIDENT = {"not_solved", "false_closure", "part"}
ENDED = {"closed", "withdrawn", "referred", "declined"}


@dataclass(frozen=True)
class Rungs:
    """How high tiers and units stand; 0 is the lowest."""

    tiers: Mapping[str, int]
    units: Mapping[str, int]


@dataclass
class Course(MoreTime, AskedBack, Linked, SplitUp, Staffed, Supervised):
    """What is known of a petition after the rows heard so far."""

    rungs: Rungs
    status: str = ""
    version: int = 0
    round: int = 1
    kind: str | None = None
    severity: str | None = None
    assessed: bool = False
    read_with: int = 0
    tier: str | None = None
    unit: str | None = None
    department: str | None = None
    claimable_from: int = 0
    claimed_at: str | None = None
    """The unit of the department that claimed the current dispatch."""
    dispatch: str = ""
    taken_as: dict[str, str] = field(default_factory=dict)
    """How grave each dispatch took it for."""
    routed: bool = False
    mode: str = ""
    called: dict[str, str] = field(default_factory=dict)
    supplements: int = 0
    urged: int = 0
    accepted: str = ""
    escalated: set[str] = field(default_factory=set)
    to_tell: tuple[str, ...] = ()
    let_go: bool = False
    last: Row | None = None
    time: Timekeeper = field(default_factory=Timekeeper)
    dangers: Dangers = field(default_factory=Dangers)

    @property
    def ended(self) -> bool:
        return self.status in ENDED

    @property
    def _unseen(self) -> bool:
        """Whether it is over by nobody who knew what it proved to be; a person's or the resident's closing stands."""
        return (self.ended and self.let_go) or (self.dangers.found_since and self.status != "closed")

    def hear(self, row: Row) -> None:
        """The next event; raises Complaint when it must not follow."""
        self._must(row, row.type in OWNER[row.service], "is another service's word")
        self._must(row, row.by is not None or row.type not in BY_A_PERSON, "needs a named person")
        self._must(row, self.last is None or row.at >= self.last.at, "is older than what it follows")
        self.spend(row.at)
        self._must(row, (row.type == "PetitionFiled") == (row.version == 1), "a life begins with its filing, once")
        getattr(self, re.sub("(?=[A-Z])", "_", row.type).lower())(row, row.data)
        self.time.hear(row)
        self.dangers.hear(row)
        self._must(row, self.watched or row.type not in HANDS_ON, "leaves it to somebody else, and nobody watches")
        self.version, self.last = row.version, row

    @property
    def stands_at(self) -> tuple[str | None, str | None, str | None]:
        """The tier, unit and department that somebody is told who asks where it is."""
        return (None, None, None) if self.elsewhere else (self.tier, *(self.claimed or (self.unit, self.department)))

    @property
    def watched(self) -> bool:
        """Whether somebody must go on with it by a certain time, or with its parts."""
        return bool(self.parts) or any(one.family in GOES_ON for one in self.time.open)

    def settled(self) -> None:
        """Never stuck: whatever is not finished is watched, and who must go on with it did so."""
        if self.status in {"filed", "assessed"} or (self.status == "resolved" and not self.asked):
            raise Complaint(f"nobody goes on with {self.last}, which is {self.status}")
        if self.to_tell and not any(one.family in ("hand_off", "supervise") for one in self.time.open):
            raise Complaint(f"nobody is asked who tells {self.to_tell} after {self.last}")
        if self.dangers.untold and (self._unseen or not self.ended):
            raise Complaint(f"nobody tells {sorted(self.dangers.untold)} of the danger after {self.last}")
        if self.dangers.found_since and self._unseen:
            raise Complaint(f"nobody opens it again, which proved a danger before {self.last}")
        if not self.ended and self.status not in ("linked", "split") and not self.watched:
            raise Complaint(f"nothing watches {self.last}, which is {self.status}")

    def _must(self, row: Row, holds: bool, otherwise: str) -> None:
        if not holds:
            raise Complaint(f"{row}: {otherwise} (it was {self.status}, round {self.round}, before that {self.last})")

    def _lives(self, row: Row, *, or_unseen: bool = False) -> None:
        self._must(row, not self.ended or (or_unseen and self._unseen), "the petition has ended")

    def _handled(self, row: Row) -> None:
        self._lives(row)
        self._must(row, self.status != "held", "is on hold")
        self._must(row, self.routed and self.status not in ("resolved", "split"), "nobody handles it now")

    def _follows(self, row: Row, *types: str) -> None:
        self._must(row, self.last is not None and self.last.type in types, f"must follow {types}")

    def _petition_filed(self, row: Row, data: dict[str, Any]) -> None:
        self.status, self.split_from = "filed", data.get("split_from", "")
        self.confidential, self.on_the_spot = data["confidential"], "on_the_spot" in data
        self.reachable = data["reachable"]

    def _petition_supplemented(self, row: Row, data: dict[str, Any]) -> None:
        self._lives(row)
        self._must(row, row.by is not None and self.status != "resolved", "needs a named person; is resolved")
        self._must(row, data["number"] == self.supplements + 1, f"was supplemented {self.supplements} times")
        self.supplements += 1

    def _petition_urged(self, row: Row, data: dict[str, Any]) -> None:
        self._lives(row)
        self._must(row, data["number"] == self.urged + 1, f"was urged {self.urged} times")
        self.urged += 1

    def _petition_withdrawn(self, row: Row, data: dict[str, Any]) -> None:
        self._lives(row)
        self._must(row, row.by is not None and self.severity != "critical", "needs a named person; a danger stays")
        self._must(row, self.status not in ("resolved", "split"), "is resolved, or was split")
        self._must(row, not self.followers, "others follow it")
        self.status, self.asked, self.root, self.left, self.paused = "withdrawn", False, "", "", False
        self.let_go = True

    def _severity_assessed(self, row: Row, data: dict[str, Any]) -> None:
        supplement, whole = data.get("supplement"), data.get("whole", "")
        critical, turned_away = data["severity"] == "critical", self.status in ("referred", "declined")
        if not (critical and turned_away and supplement):  # which who turned it away may not have known
            self._lives(row, or_unseen=critical)
        self._must(row, bool(supplement or whole) or not self.assessed, "was read already")
        if whole:
            self._must(row, self.assessed and whole == self.split_from, "was never read, or is no part of that one")
            self._must(row, RANKS[data["severity"]] > RANKS[self.severity or "routine"], "is as grave already")
        if supplement is not None:
            self._must(row, self.read_with < supplement <= self.supplements, "was read with that already")
            self._must(row, RANKS[data["severity"]] >= RANKS[self.severity or "routine"], "a machine makes it milder")
            self.read_with = supplement
        self.assessed = True
        self._read(data)

    def _severity_reassessed(self, row: Row, data: dict[str, Any]) -> None:
        self._lives(row)
        self._must(row, self.assessed or self.dispatch != "", "was neither read nor routed")
        self.assessed = True
        self._read(data)

    def _read(self, data: dict[str, Any]) -> None:
        self.kind, self.severity = data.get("kind"), data["severity"]
        if self.status == "filed":
            self.status = "assessed"

    def _review_requested(self, row: Row, data: dict[str, Any]) -> None:
        if not self.supplements:  # else a part of what was added may not have been read
            self._follows(row, "SeverityAssessed")

    def _severity_confirmed(self, row: Row, data: dict[str, Any]) -> None:
        self._must(row, self.assessed, "was never read")

    def _petition_referred(self, row: Row, data: dict[str, Any]) -> None:
        self._turned_away(row)
        self._must(row, row.by is not None or self.severity != "critical", "no machine answers what is critical")
        self.status, self.asked = "referred", False

    def _petition_declined(self, row: Row, data: dict[str, Any]) -> None:
        self._turned_away(row)
        self._must(row, (row.by is None) == (data["reason"] == "empty"), "a machine declines only an empty text")
        self.status, self.asked = "declined", False

    def _petition_routed(self, row: Row, data: dict[str, Any]) -> None:
        self._lives(row)
        self._must(row, self.status not in ("resolved", "held"), "is resolved or on hold")
        self._must(row, not self.parts or self.severity == "critical", "was split, and is no danger")
        self.parts = {}
        self._must(row, data["round"] == self.round, f"is in round {self.round}")
        given_on = {"returned": "DispatchReturned", "transferred": "DispatchTransferred"}
        if data["rule"] in given_on:
            self._follows(row, given_on[data["rule"]], "NobodyOnDuty")
        self._never_down(row, data)
        self.extension = self.hold = self.claimed_at = None
        stays = (data["unit"], data.get("department")) == (self.unit, self.department)
        self.chosen = data["rule"] in CHOSEN or (self.chosen and stays)
        self.named = data["rule"] in NAMES or (self.named and stays)
        self.root, self.left, self.elsewhere = "", self.root or self.left, False
        self.status, self.routed, self.dispatch, self.claimed = "routed", True, row.ref, None
        self.tier, self.unit, self.department, self.mode = (
            data["tier"], data["unit"], data.get("department"), data["mode"],
        )  # fmt: skip
        self._must(row, self.mode == "assigned" or self.severity == "routine", "only what is routine is open to claim")
        self.severity = self.severity or data["severity"]
        self.taken_as[row.ref] = data["severity"]

    def _never_down(self, row: Row, data: dict[str, Any]) -> None:
        tiers, units = self.rungs.tiers, self.rungs.units
        if data["rule"] == "moved":
            self._must(
                row, row.by is not None and bool(data.get("reason")), "only a named person with a reason moves it"
            )
            return
        highest = max((tiers[floor["tier"]] for floor in data["floors"]), default=0)
        others = (tiers[floor["tier"]] for floor in data["floors"] if floor["floor"] != "authority")
        self.claimable_from = max(others, default=0)
        self._must(row, tiers[data["tier"]] == highest, "the tier is the highest floor")
        if data["rule"] == "policy":
            self._must(
                row, row.by is not None and bool(data.get("reason")), "only a named person with a reason asks so"
            )
            return
        self._must(row, tiers[data["tier"]] >= tiers.get(self.tier or "", 0), "went down without a person")
        if data["rule"] == "placed":
            self._must(row, row.by is not None, "only a named person places it")
        else:
            stood = max(units.get(one or "", 0) for one in (self.unit, self.claimed_at))
            self._must(row, units[data["unit"]] >= stood, "went down without a person")

    def _nobody_on_duty(self, row: Row, data: dict[str, Any]) -> None:
        self._lives(row)

    def _petition_placed(self, row: Row, data: dict[str, Any]) -> None:
        self._handled(row)

    def _hand_off_ordered(self, row: Row, data: dict[str, Any]) -> None:
        self._lives(row, or_unseen=True)
        self._must(row, bool(data["to"]) and self.severity == "critical", "is not critical or tells nobody")
        self._must(row, set(self.to_tell) <= set(data["to"]), "forgets somebody who is still to be told")
        self.to_tell = tuple(data["to"])

    def _hand_off_confirmed(self, row: Row, data: dict[str, Any]) -> None:
        left = [one for one in self.to_tell if one != data["to"]]
        self._must(row, data["to"] in self.to_tell and data["outstanding"] == left, f"open were {self.to_tell}")
        self.to_tell = tuple(left)

    def _dispatch_accepted(self, row: Row, data: dict[str, Any]) -> None:
        self._handled(row)
        self._must(row, data["dispatch"] == self.dispatch != self.accepted, "is not the current dispatch")
        self.status, self.accepted, self.staff = "accepted", self.dispatch, data.get("accepted_by", "")

    def _dispatch_claimed(self, row: Row, data: dict[str, Any]) -> None:
        self._handled(row)
        self._must(row, self.mode == "open", "is not open to claim")
        self._must(row, data["dispatch"] == self.dispatch != self.accepted, "is not the current dispatch, or is taken")
        low = self.rungs.units[data["unit"]] < self.claimable_from and not data.get("responsible")
        self._must(row, data["unit"] == self.unit or not low, "a unit below another floor than that of its kind has it")
        self.status, self.accepted = "accepted", self.dispatch
        self.claimed_at = data["unit"] if data.get("department") else None
        self._claimed(row, data, self.unit)

    def _co_handlers_summoned(self, row: Row, data: dict[str, Any]) -> None:
        self._handled(row)
        self._must(row, data["dispatch"] == self.accepted, "was never accepted")
        self._must(row, self.called.keys().isdisjoint(data["departments"]), "calls somebody twice")
        self.called |= dict.fromkeys(data["departments"], data["dispatch"])

    def _co_handler_reported_in(self, row: Row, data: dict[str, Any]) -> None:
        self._handled(row)
        self._must(row, self.called.get(data["department"]) == data["dispatch"], "was not called, or is there already")
        self.called[data["department"]] = ""

    def _progress_reported(self, row: Row, data: dict[str, Any]) -> None:
        self._handled(row)
        self._must(row, data["dispatch"] == self.accepted, "was never accepted")

    def _resolution_reported(self, row: Row, data: dict[str, Any]) -> None:
        self._must(row, data.get("root", "") == self.root, "follows another, or none")
        self._must(row, bool(row.by or self.parts), "needs a named person")
        self._must(row, self.on_the_spot or not data.get("on_the_spot"), "nobody dealt with it on the spot")
        if self.parts or data.get("part"):
            self._all_parts_are_over(row, data)
        elif not self.root:
            self._handled(row)
            self._must(row, data["dispatch"] == self.accepted, "was never accepted")
            taken_as = self.taken_as[data["dispatch"]]
            self._must(row, self.severity != "critical" or taken_as == "critical", "was done for a milder matter")
        self.parts, self.resolved_with = {}, self.parts
        self.root, self.paused = "", False
        self.followers.clear()
        self._must(row, data["round"] == self.round, f"is in round {self.round}")
        self.status = "resolved"
        self.answers.add(data["dispatch"])

    def _deadline_near(self, row: Row, data: dict[str, Any]) -> None:
        """Judged by the timekeeper."""

    def _deadline_missed(self, row: Row, data: dict[str, Any]) -> None:
        """Judged by the timekeeper."""

    def _petition_escalated(self, row: Row, data: dict[str, Any]) -> None:
        self._handled(row)
        self._must(row, data["dispatch"] == self.dispatch, "is about a dispatch that was replaced")
        self._must(row, data["dispatch"] not in self.escalated, "a dispatch climbs once")
        self._must(row, (row.by is None) != (data["cause"] == "person"), "its cause is a miss or a named person")
        self.escalated.add(data["dispatch"])

    def _petition_reopened(self, row: Row, data: dict[str, Any]) -> None:
        danger = data["cause"] == "danger"
        self._must(
            row, self.asked or self.ended or data["cause"] in ("danger", "part"), "was neither resolved nor ended"
        )
        self._must(
            row, not danger or (self._unseen and self.severity == "critical"), "somebody had it, or it is no danger"
        )
        self._must(row, data["round"] == self.round + 1, f"follows round {self.round}")
        by_itself = danger or data["cause"] in BY_THE_RESIDENT
        self._must(row, row.by is not None or by_itself, "only a person, the resident or a danger re-opens")
        self._waits_again(row, data)
        self.round, self.routed, self.accepted = self.round + 1, False, ""
        self.asked, self.let_go, self.returns, self.extended = False, False, 0, False
        self.holds_of_round = self.transfers = 0
        self.extension, self.hold, self.called = None, None, {}

    def _petition_closed(self, row: Row, data: dict[str, Any]) -> None:
        self._must(row, self.status == "resolved" and self.asked, "nobody was asked")
        if data["outcome"] == "solved":
            self._follows(row, "FeedbackReceived")
        elif data["outcome"] in ("not_reached", "not_applicable"):
            self._must(row, self.severity != "critical", "no machine closes what is critical")
            self._must(row, (data["outcome"] == "not_reached") == self.reachable, "who left no number is not reached")
        else:
            self._must(row, row.by is not None, "only a named person closes it so")
        self.status, self.asked, self.let_go = "closed", False, data["outcome"].startswith("not_")
