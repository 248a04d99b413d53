"""Every command in every status, as the deciders decide it. `python -m tests.docs.commands` renews the page."""

from collections.abc import Mapping, Sequence
from typing import Any

from escalation.decider import AnswerSupervision, Escalate
from feedback.commands import Close, Reopen, TakeFeedback
from intake.decider import FilePetition, Supplement, Urge, Withdraw
from intake.linking import Link, Unlink
from intake.splitting import Split
from router import commands
from router.policy import routing_policy
from schemas.event import Event
from schemas.events.router import PetitionHeld
from schemas.sealed import Sealed
from schemas.words import Channel, Disposition, Result, ReturnReason, Severity
from services.chassis.service import Service
from severity.decider import Confirm, Reassess
from tests.architecture.tree import ROOT
from tests.given import DISTRICT, PETITION, dispatch, escalation, feedback, given, intake, later, router, severity
from tests.past import (
    PARTS,
    REPEAT,
    accepted,
    assessed,
    closed,
    declined,
    feedback_requested,
    filed,
    linked,
    referred,
    resolved,
    routed,
    split,
    withdrawn,
)

PAGE = ROOT / "docs" / "commands.md"
BEGIN, END = "<!-- list: commands -->\n", "<!-- end -->\n"
NOW, SOON = later(hours=1), later(days=3)
POLICY = routing_policy(DISTRICT)

READ = (filed(), assessed("NOISE"))
ROUTED = (*READ, routed("community", "SA1", kind="NOISE"))
ACCEPTED = (*ROUTED, accepted(dispatch(3)))
RESOLVED = (*ACCEPTED, resolved(dispatch(3)), feedback_requested())
STATUSES: Mapping[str, Sequence[Event]] = {
    "filed": (filed(),),
    "assessed": READ,
    "routed": ROUTED,
    "routed, open": (*READ, routed("community", "SA1", kind="NOISE", mode="open")),
    "accepted": ACCEPTED,
    "held": (*ACCEPTED, PetitionHeld(at=later(), number=1, until=SOON, reason=Sealed.of("待拆迁"))),
    "resolved": RESOLVED,
    "closed": (*RESOLVED, closed("by_person")),
    "withdrawn": (*ROUTED, withdrawn()),
    "referred": (filed(), assessed("COURT", disposition="refer"), referred()),
    "declined": (filed(), assessed(None, disposition="decline"), declined()),
    "linked": (*ROUTED, linked()),
    "split": (*ROUTED, split()),
}
NEW = [FilePetition(one, NOW, SOON, 1, Channel.HOTLINE, "x") for one in PARTS]
COMMANDS: Mapping[str, tuple[Service, Any]] = {
    "supplement": (intake, Supplement(PETITION, NOW, "x")),
    "urge": (intake, Urge(PETITION, NOW)),
    "link": (intake, Link(PETITION, NOW, REPEAT, DISTRICT.jurisdiction)),
    "unlink": (intake, Unlink(PETITION, NOW, SOON)),
    "split": (intake, Split(PETITION, NOW, NEW, DISTRICT)),
    "withdraw": (intake, Withdraw(PETITION, NOW, "x", NOW)),
    "confirm": (severity, Confirm(PETITION, NOW)),
    "reassess": (severity, Reassess(PETITION, NOW, "LAMP", Severity.URGENT, Disposition.HANDLE, "x", DISTRICT)),
    "place": (router, commands.Place(PETITION, NOW, POLICY, "SA2")),
    "move": (router, commands.MovePetition(PETITION, NOW, POLICY, "SA2", None, "x")),
    "accept": (router, commands.Accept(PETITION, NOW, None)),
    "claim": (router, commands.Claim(PETITION, NOW, POLICY, None, None, None, "s-1")),
    "hand-over": (router, commands.HandOver(PETITION, NOW, POLICY, None, "s-1", "s-2", "x")),
    "return": (router, commands.Return(PETITION, NOW, POLICY, None, ReturnReason.NOT_MINE, None)),
    "transfer": (router, commands.Transfer(PETITION, NOW, POLICY, None, "SA2", None, "x")),
    "summon": (router, commands.Summon(PETITION, NOW, POLICY, ["D-WATER"])),
    "report-in": (router, commands.ReportIn(PETITION, NOW, "D-WATER")),
    "progress": (router, commands.ReportProgress(PETITION, NOW, None, "x")),
    "request-extension": (router, commands.RequestExtension(PETITION, NOW, POLICY, SOON, "x", "s-1")),
    "decide-extension": (router, commands.DecideExtension(PETITION, NOW, True, "x", "s-2")),
    "request-hold": (router, commands.RequestHold(PETITION, NOW, POLICY, SOON, "x", "s-1")),
    "decide-hold": (router, commands.DecideHold(PETITION, NOW, True, "x", "s-2")),
    "resume": (router, commands.Resume(PETITION, NOW, POLICY)),
    "resolve": (router, commands.Resolve(PETITION, NOW, POLICY, None, Result.DONE, "x")),
    "confirm-hand-off": (router, commands.ConfirmHandOff(PETITION, NOW, "119")),
    "escalate": (escalation, Escalate(PETITION, NOW, DISTRICT, "x")),
    "answer-supervision": (escalation, AnswerSupervision(PETITION, NOW, DISTRICT, "x")),
    "feedback": (feedback, TakeFeedback(PETITION, NOW, DISTRICT, True, True, None, None, "s-1")),
    "reopen": (feedback, Reopen(PETITION, NOW, DISTRICT, "x", "s-1")),
    "close": (feedback, Close(PETITION, NOW, DISTRICT, "x", "s-1")),
}


def cell(service: Service, past: Sequence[Event], command: Any) -> str:
    """`✓` when it says something, `–` when it is allowed and changes nothing, else the code of the refusal."""
    outcome = given(service, *past).when(command)
    if outcome.refusal is not None:
        return f"`{outcome.refusal.code}`"
    return "✓" if outcome.said else "–"


def table() -> str:
    """The whole table as Markdown."""
    head = ["command", *STATUSES]
    rows = [
        [f"`{name}`", *(cell(service, past, command) for past in STATUSES.values())]
        for name, (service, command) in COMMANDS.items()
    ]
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


def renewed(page: str) -> str:
    """The page with the table of today."""
    before, rest = page.split(BEGIN)
    _, after = rest.split(END)
    return f"{before}{BEGIN}{table()}{END}{after}"


if __name__ == "__main__":
    PAGE.write_text(renewed(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
