"""定位: where a matter lies, found once, when it is filed: by a code, then by coordinates, then by the address.

What is weaker is only asked what the stronger leaves open. Two that say different places leave the lowest unit that
contains both: its desk places it, and nobody guesses.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from intake.ground import Ground
from intake.place_names import Mention, PlaceNames
from schemas.people import Coordinates
from schemas.places import MOST_NAMED, Finding, Location
from schemas.policy import Policy
from schemas.words import LocatedBy, Whereabouts

NOWHERE = Location(where=Whereabouts.UNKNOWN)


@dataclass(frozen=True, slots=True)
class PlaceTold:
    """What was filed of the place; `units` are codes that the policy knows, or an earlier one knew."""

    units: Sequence[str] = ()
    coordinates: Coordinates | None = None
    address: str | None = None


class Locator:
    """One policy version as it finds places: its areas and its names, made once."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self._units = policy.jurisdiction
        self._names = PlaceNames(policy)
        self._ground = Ground(policy.bundle.areas) if policy.bundle.areas else None

    def locate(self, told: PlaceTold) -> Location | None:
        """Where it lies; None when there is nothing to find out: no place was told, or one unit by its code. A unit
        that is gone is found in its heir."""
        standing = [unit for code in told.units if (unit := self._units.standing(code))]
        is_gone = standing != list(told.units)
        if told.coordinates is None and told.address is None and len(set(told.units)) < 2 and not is_gone:
            return None
        # An heir also contains what was beside the unit that is gone: it stays beside that.
        units = tuple(dict.fromkeys(standing)) if is_gone else self._units.lowest_of(standing)
        known = self._narrowed(NOWHERE, LocatedBy.UNIT, units, Whereabouts.IN_SEVERAL) if units else NOWHERE
        if told.coordinates is not None and self._ground is not None:
            known = self._by_coordinates(known, self._ground, told.coordinates)
        if told.address is not None and self._leaves_something_open(known):
            known = self._by_address(known, told.address)
        return known

    def exchanged(self, at: Coordinates | None) -> str | None:
        """The unit or the neighbour in which these lie with latitude and longitude exchanged; None where they lie in a
        known area as they are, and where they lie in none either way."""
        if at is None or self._ground is None or self._ground.covering(at):
            return None
        covering = self._ground.covering(Coordinates(lat=at.lon, lon=at.lat))
        own = self._units.lowest_of(code for code in covering if code in self._units.units)
        return self._units.common(own).code if own else next(iter(covering), None)

    def _by_coordinates(self, known: Location, ground: Ground, at: Coordinates) -> Location:
        covering = ground.covering(at)
        own = self._units.lowest_of(code for code in covering if code in self._units.units)
        across = [code for code in covering if code in self._policy.neighbours]
        if not own and not across:
            return known
        said = self._narrowed(known, LocatedBy.COORDINATES, own, Whereabouts.UNCLEAR) if own else None
        said = said or self._across(known, LocatedBy.COORDINATES, across[0])
        contradicts = said.where is Whereabouts.CONTRADICTORY
        nearby = self._policy.limits.nearby_metres
        return known if contradicts and ground.is_within(nearby, known.unit, at) else said

    def _by_address(self, known: Location, address: str) -> Location:
        mentions = self._names.find(address)
        across = [one for one in mentions.found if not self._own(one)]
        own = [one for one in mentions.found if self._own(one)]
        if across and not own and mentions.is_head(across[0]):
            return self._across(known, LocatedBy.ADDRESS, across[0].codes[0])
        meant = [] if across else self._meant(known, own)
        codes = self._units.lowest_of(code for one in meant for code in one.codes)
        if not codes:
            return known  # it names nothing of the district, or both sides of its border
        deciding = [one for one in meant if set(one.codes) & set(codes)]
        are_all_meant = all(len(one.codes) == 1 for one in deciding) and mentions.are_joined(deciding)
        several = Whereabouts.IN_SEVERAL if are_all_meant else Whereabouts.UNCLEAR
        return self._narrowed(known, deciding[-1].by, codes, several)

    def _own(self, mention: Mention) -> list[str]:
        return [code for code in mention.codes if code in self._units.units]

    def _meant(self, known: Location, mentions: Sequence[Mention]) -> list[Mention]:
        """Each name with what it may mean: only what lies in something that is sure, where it lies in anything that is.
        One that may as well lie across the border says nothing."""
        sure = {one.codes[0] for one in mentions if len(one.codes) == 1} | ({known.unit} if known.unit else set())
        named = {code for one in mentions for code in self._own(one)}
        surely = {code for code in named if any(unit.code in sure for unit in self._units.chain(code))}
        meant = []
        for one in mentions:
            own = self._own(one)
            inside = [code for code in own if code in surely]
            if inside or len(own) == len(one.codes):
                meant.append(one._replace(codes=tuple(inside or own)))
        return meant

    def _narrowed(self, known: Location, by: LocatedBy, codes: Sequence[str], several: Whereabouts) -> Location:
        """What is known once this says that it lies in these units; `several` is what it means when they are more."""
        here = self._units.common(codes).code
        if several is Whereabouts.UNCLEAR and len(codes) > MOST_NAMED:
            codes = (here,)  # to name some of them would say that it lies in one of those
        if known.where is Whereabouts.OUTSIDE:
            return _after(known, Whereabouts.CONTRADICTORY, self._units.top.code, by, codes)
        is_told_whole = known.where is Whereabouts.IN_SEVERAL and self._units.contains(known.unit or "", here)
        if known.unit is not None and (is_told_whole or self._units.contains(here, known.unit)):
            return known
        if known.unit is not None and not self._units.contains(known.unit, here):
            both = self._units.common((known.unit, here)).code
            return _after(known, Whereabouts.CONTRADICTORY, both, by, codes)
        where = Whereabouts.IN_ONE if len(codes) == 1 else several
        return _after(known, where, here, by, codes, units=codes if len(codes) > 1 else ())

    def _across(self, known: Location, by: LocatedBy, neighbour: str) -> Location:
        """It lies in a neighbouring district, unless something else says that it lies here."""
        if known.unit is not None:
            return _after(known, Whereabouts.CONTRADICTORY, self._units.top.code, by, (neighbour,))
        return _after(known, Whereabouts.OUTSIDE, None, by, (neighbour,), neighbour=neighbour)

    def _leaves_something_open(self, known: Location) -> bool:
        if known.where in (Whereabouts.IN_SEVERAL, Whereabouts.CONTRADICTORY):
            return False
        return known.unit is None or not self._units.is_lowest(known.unit)


def _after(
    known: Location,
    where: Whereabouts,
    unit: str | None,
    by: LocatedBy,
    said: Sequence[str],
    *,
    units: Sequence[str] = (),
    neighbour: str | None = None,
) -> Location:
    finding = Finding(by=by, units=tuple(said[:MOST_NAMED]))
    return Location(
        where=where,
        unit=unit,
        units=tuple(units[:MOST_NAMED]),
        neighbour=neighbour,
        findings=(*known.findings, finding),
    )


@lru_cache(maxsize=8)
def locator(policy: Policy) -> Locator:
    """Built once for each policy version."""
    return Locator(policy)
