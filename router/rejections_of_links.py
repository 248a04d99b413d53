"""Why the router handles no repeat, and nothing that was split, for itself, with what to do next."""

from collections.abc import Sequence
from uuid import UUID

from services.chassis.deciding import Rejected


class FollowsAnother(Rejected):
    """It is linked, and only its root is handled."""

    code = "follows_another"

    def __init__(self, root: UUID) -> None:
        super().__init__(root)
        self.root = root

    def en(self) -> str:
        return f"It is linked to {self.root}: handle that one; this one is answered with it."

    def zh(self) -> str:
        return f"该诉求已并入主单 {self.root}，请办理主单，结果将一并答复。"


class IsSplit(Rejected):
    """It was split, and only its parts are handled."""

    code = "is_split"

    def __init__(self, parts: Sequence[UUID]) -> None:
        super().__init__(parts)
        self.parts = parts

    def en(self) -> str:
        parts = ", ".join(map(str, self.parts))
        return f"It was split into {parts}: handle those; it is resolved with the last of them."

    def zh(self) -> str:
        return f"该诉求已拆分为 {'、'.join(map(str, self.parts))}，请办理各分单，全部办结后一并答复。"
