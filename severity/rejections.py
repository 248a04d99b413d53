"""Why severity refuses a command, each with what to do next."""

from collections.abc import Sequence
from uuid import UUID

from services.chassis.deciding import Rejected


class NotAssessed(Rejected):
    """There is no reading yet to confirm or change."""

    code = "not_assessed"

    def en(self) -> str:
        return "The petition has not been assessed yet; try again in a moment."

    def zh(self) -> str:
        return "诉求尚未研判，请稍后再试。"


class PetitionEnded(Rejected):
    """The petition's life is over; its reading no longer changes."""

    code = "petition_ended"

    def en(self) -> str:
        return "The petition has ended; its reading can no longer be changed. Re-open it first."

    def zh(self) -> str:
        return "诉求已结案，不能再改判；如需改判请先重办。"


class NothingChanges(Rejected):
    """A reassessment that equals the reading."""

    code = "nothing_changes"

    def en(self) -> str:
        return "The petition is read exactly so already; use `confirm` to agree with it."

    def zh(self) -> str:
        return "改判内容与现有研判一致；如同意请使用 confirm。"


class NobodyToTell(Rejected):
    """A reading that must be told at once, in a district that names nobody for it."""

    code = "nobody_to_tell"
    status = 422

    def __init__(self, kind: str | None) -> None:
        super().__init__(kind)
        self.kind = kind

    def en(self) -> str:
        kind = self.kind or "unknown"
        return f"Kind {kind} names nobody to tell at once; choose one that does, or import a hand_off_default."

    def zh(self) -> str:
        return f"类别 {self.kind or '未知'} 没有规定应立即告知谁；请改选有告知对象的类别，或先导入 hand_off_default。"


class AlreadyResolved(Rejected):
    """A reading that would end a petition whose resident is still to say whether it is solved."""

    code = "already_resolved"

    def en(self) -> str:
        return "It is reported as resolved, and the resident has the last word: await the answer, or `reopen` it first."

    def zh(self) -> str:
        return "诉求已办结，须由居民确认；请等待回访结果，或先重办再改判。"


class UnknownKind(Rejected):
    """No such kind in the policy in force."""

    code = "unknown_kind"
    status = 422

    def __init__(self, kind: str) -> None:
        super().__init__(kind)
        self.kind = kind

    def en(self) -> str:
        return f"There is no kind {self.kind}; see /v1/kinds."

    def zh(self) -> str:
        return f"没有编码为 {self.kind} 的诉求类别，请查看 /v1/kinds。"


class NoLegalWay(Rejected):
    """A petition of no kind, neither next door nor about the top, which names no way to refer it to."""

    code = "no_legal_way"
    status = 422

    def en(self) -> str:
        return "A petition of no kind has no legal way of its own; name the kind whose way the resident is to go."

    def zh(self) -> str:
        return "诉求类别未知，无从引导至法定途径；请同时填写类别。"


class FollowsAnother(Rejected):
    """It is linked, and its root's reading is the one that counts."""

    code = "follows_another"

    def __init__(self, root: UUID) -> None:
        super().__init__(root)
        self.root = root

    def en(self) -> str:
        return f"It is linked to {self.root}: reassess that one, or unlink this one first."

    def zh(self) -> str:
        return f"该诉求已并入主单 {self.root}：请改判主单，或先取消并案。"


class IsSplit(Rejected):
    """It was split, and the readings of its parts are those that count."""

    code = "is_split"

    def __init__(self, parts: Sequence[UUID]) -> None:
        super().__init__(parts)
        self.parts = parts

    def en(self) -> str:
        return f"It was split into {', '.join(map(str, self.parts))}: reassess the part that is read wrongly."

    def zh(self) -> str:
        return f"该诉求已拆分为 {'、'.join(map(str, self.parts))}：请改判相应的分单。"


class OthersFollow(Rejected):
    """A reading that would end or lower a petition for whose answer others wait."""

    code = "others_follow"

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number

    def en(self) -> str:
        return f"{self.number} linked petitions wait for its answer; unlink them first."

    def zh(self) -> str:
        return f"有 {self.number} 件从单并入本诉求，等待其结果；请先取消并案。"
