"""Why the router handles no repeat for itself, with what to do next."""

from uuid import UUID

from services.chassis.deciding import Rejected


class FollowsAnother(Rejected):
    """It is linked, and only its root is handled."""

    code = "follows_another"

    def __init__(self, root: UUID) -> None:
        super().__init__(root)
        self.root = root

    def en(self) -> str:
        return f"It is linked to {self.root}, where the matter is handled, and is answered with that one."

    def zh(self) -> str:
        return f"该诉求已并入主单 {self.root}，请办理主单，结果将一并答复。"
