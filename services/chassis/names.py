"""What codes are called, also once an import has taken them away."""

from collections.abc import Sequence
from dataclasses import dataclass

from schemas.jurisdiction import Department, Tier, Unit
from schemas.places import Neighbour
from schemas.policy import Kind, Policy


@dataclass(frozen=True)
class Names:
    """Each code as the first of these policy versions has it that knows it; None for one that none of them knows."""

    versions: Sequence[Policy]

    def kind(self, code: str) -> Kind | None:
        return next((one.kinds[code] for one in self.versions if code in one.kinds), None)

    def unit(self, code: str) -> Unit | None:
        return next((one.jurisdiction.units[code] for one in self.versions if code in one.jurisdiction.units), None)

    def neighbour(self, code: str) -> Neighbour | None:
        return next((one.neighbours[code] for one in self.versions if code in one.neighbours), None)

    def department(self, code: str) -> Department | None:
        offices = (one.jurisdiction.departments for one in self.versions)
        return next((known[code] for known in offices if code in known), None)

    def tier(self, code: str) -> Tier | None:
        return next((tier for one in self.versions for tier in one.bundle.ladder if tier.code == code), None)
