"""What callers who file may expect: one petition for each key, another body refused, nothing lost, nothing invented."""

from dataclasses import dataclass, field

from tests.invariants.doors import Reply
from tests.invariants.rows import Complaint


@dataclass
class Filings:
    """Every key ever used, with the petition and the body it belongs to."""

    owners: dict[tuple[str, str], tuple[str, object]] = field(default_factory=dict)
    filed: set[str] = field(default_factory=set)

    def answered(self, reply: Reply, *, key: str | None, number: str | None, body: object) -> None:
        """One more filing under these keys; complains when its answer is not the one that had to be given."""
        keys = [(scope, value) for scope, value in (("caller", key), ("external", number)) if value]
        taken = [self.owners[one] for one in keys if one in self.owners]
        petitions = {petition for petition, _ in taken}
        if len(petitions) > 1:
            self._must(reply.status == 409, reply, f"its keys name {petitions}")
        elif taken and any(other != body for _, other in taken):
            self._must(reply.status == 422, reply, "its key belongs to another body")
        else:
            self._must(reply.status == 201, reply, "was not taken")
            petition = reply.petition.hex
            self._must(reply.replayed == bool(taken), reply, f"belongs to {petitions or 'nobody'}")
            self._must(petition in petitions if taken else petition not in self.filed, reply, "is not the one expected")
            self.filed.add(petition)
            self.owners.update({one: (petition, body) for one in keys if one not in self.owners})

    def compare(self, found: set[str]) -> None:
        """What was acknowledged is what is there."""
        if self.filed != found:
            raise Complaint(f"lost {self.filed - found}, invented {found - self.filed}")

    def _must(self, holds: bool, reply: Reply, why: str) -> None:
        if not holds:
            raise Complaint(f"{reply.status} {reply.body.get('id') or reply.body.get('code')}: {why}")
