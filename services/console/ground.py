"""Where a matter lies, as a dispatch knew it and as a desk has said since, and who may not have it there."""

from collections.abc import Sequence
from dataclasses import dataclass

from schemas.event import AnyRecorded, Recorded
from schemas.events.feedback import PetitionReopened
from schemas.events.intake import PetitionFiled
from schemas.events.router import PetitionPlaced, PetitionRouted
from schemas.events.severity import PetitionReferred, ReviewRequested, SeverityAssessed, SeverityReassessed
from schemas.jurisdiction import Jurisdiction
from schemas.places import REFERRED_ACROSS
from schemas.words import BY_CHOICE, FloorName, Whereabouts, told_at_once
from services.console.words import Text

REOPENED = Text("且已在此重新打开", "it was opened again here")
DANGER = Text("但有危险，先在此处置", "a danger is dealt with here all the same")
UNREAD = Text("但未能按时研判", "nobody had read it in time")
UNSURE = Text("但研判把握不足以转出", "its reading is not sure enough to pass it on")
NOT_PASSED_ON = Text("但没有转由该区受理", "it was not passed on to it")


@dataclass(frozen=True)
class Ground:
    """What is known of a dispatch's place; a unit is None while nothing is known."""

    then: str | None
    """In which unit it was known to lie when the dispatch was made."""
    since: PetitionPlaced | None
    """What a desk said after that, which left it with who had it."""
    about: str | None
    """The unit or the department that it complains about."""
    neighbour: str | None
    """In which neighbouring district it lies, while no desk has said that it lies here."""
    kept: Text
    """Why what lies there is here."""
    chosen: str
    """The rule by which a person chose who has it, as long as that stands; empty where nobody did."""

    @property
    def now(self) -> str | None:
        """In which unit it is known to lie."""
        return self.since.unit if self.since else self.then

    def bars(self, event: PetitionRouted, units: Jurisdiction) -> bool:
        """Whether whoever stands nearer to the place than its receiver, and high enough, is the one complained about,
        or answers to it."""
        place = units.standing(self.now)
        if place is None or event.unit not in units.units:
            return False
        above = units.chain(event.unit)
        nearer = [one for one in units.chain(place) if one not in above and not units.is_below(one.code, event.tier)]
        return bool(nearer) and all(units.is_about(self.about, one.code, None) for one in nearer)

    def may_bar(self, event: PetitionRouted, units: Jurisdiction) -> bool:
        """Whether the one complained about is among those to whom it could go, once its place is known."""
        about, place = self.about, units.standing(self.now)
        if about is None or about not in units.units or about == units.top.code or units.is_below(about, event.tier):
            return False
        return place is None or units.contains(place, about)

    def asks_now(self, event: PetitionRouted, units: Jurisdiction) -> str:
        """The tier that the dispatch's floors would ask for with the place as it was said since."""
        place = units.standing(self.now)
        if self.since is None or place is None or any(floor.tier not in units.ladder for floor in event.floors):
            return event.tier
        scope = units.units[place].tier if self.since.touches else units.ladder.lowest
        others = [floor.tier for floor in event.floors if floor.floor is not FloorName.SCOPE]
        return units.ladder.highest([scope, *others])


def ground_of(last: Recorded[PetitionRouted], stream: Sequence[AnyRecorded]) -> Ground:
    """What this dispatch, the last of the stream, knew of the place, and what was said since."""
    before, after = stream[: last.version], stream[last.version :]
    filed, placed = stream[0].event, _placed(before)
    since = _placed(after)
    found = filed.location if isinstance(filed, PetitionFiled) else None
    outside = found is not None and found.where is Whereabouts.OUTSIDE and placed is None and since is None
    return Ground(
        then=placed.unit if placed else filed.place if isinstance(filed, PetitionFiled) else None,
        since=since,
        about=filed.about if isinstance(filed, PetitionFiled) else None,
        neighbour=found.neighbour if found is not None and outside else None,
        kept=_kept(last.event, before),
        chosen=_chosen(before),
    )


def _placed(stream: Sequence[AnyRecorded]) -> PetitionPlaced | None:
    return next((one.event for one in reversed(stream) if isinstance(one.event, PetitionPlaced)), None)


def _kept(event: PetitionRouted, before: Sequence[AnyRecorded]) -> Text:
    said = [one.event for one in before]
    across = any(isinstance(one, PetitionReferred) and one.to.startswith(REFERRED_ACROSS) for one in said)
    if across and any(isinstance(one, PetitionReopened) for one in said):
        return REOPENED
    read = next((one for one in reversed(said) if isinstance(one, SeverityAssessed | SeverityReassessed)), None)
    if read is not None and told_at_once(event.severity, read.disposition):
        return DANGER
    if event.rule == "unassessed":
        return UNREAD
    return UNSURE if any(isinstance(one, ReviewRequested) for one in said) else NOT_PASSED_ON


def _chosen(before: Sequence[AnyRecorded]) -> str:
    """A choice stands until another has it by no person's word."""
    rule, holder = "", None
    for event in (one.event for one in before):
        if not isinstance(event, PetitionRouted):
            continue
        if event.rule in (*BY_CHOICE, "returned"):
            rule = event.rule
        elif (event.unit, event.department) != holder:
            rule = ""
        holder = (event.unit, event.department)
    return rule
