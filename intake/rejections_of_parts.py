"""Why intake does not split a petition, and refuses what is asked of one that was split, each with what to do next."""

from collections.abc import Sequence
from uuid import UUID

from services.chassis.deciding import Rejected


class IsSplit(Rejected):
    """It was split, and only its parts are worked on."""

    code = "is_split"

    def __init__(self, parts: Sequence[UUID]) -> None:
        super().__init__(parts)
        self.parts = parts

    def en(self) -> str:
        return f"It was split into {', '.join(map(str, self.parts))}, where its matters are handled: ask it of those."

    def zh(self) -> str:
        return f"该诉求已拆分为 {'、'.join(map(str, self.parts))}，请对各分单操作。"


class RootIsSplit(Rejected):
    """The one that it is to follow was split."""

    code = "root_is_split"

    def __init__(self, parts: Sequence[UUID]) -> None:
        super().__init__(parts)
        self.parts = parts

    def en(self) -> str:
        return f"That one was split into {', '.join(map(str, self.parts))}; link this one to the part that it repeats."

    def zh(self) -> str:
        return f"该主单已拆分为 {'、'.join(map(str, self.parts))}，请并入所重复的那件分单。"


class IsAPart(Rejected):
    """It came about by splitting another, and is not split further."""

    code = "is_a_part"

    def __init__(self, whole: UUID) -> None:
        super().__init__(whole)
        self.whole = whole

    def en(self) -> str:
        return f"It is a part of {self.whole} and is not split further; file what is another matter for itself."

    def zh(self) -> str:
        return f"该诉求是由 {self.whole} 拆分出的分单，不能再拆分；其他事项请另行提交。"


class NotRead(Rejected):
    """Nobody knows yet how grave it is."""

    code = "not_read_yet"

    def en(self) -> str:
        return "It has not been read yet; try again in a moment."

    def zh(self) -> str:
        return "该诉求尚未研判，请稍后再试。"


class CriticalStaysWhole(Rejected):
    """A danger is dealt with as it was told, by whoever must know."""

    code = "critical_stays_whole"

    def en(self) -> str:
        return "What is critical is not split: file its other matters for themselves, or reassess it first."

    def zh(self) -> str:
        return "特急诉求不能拆分；其他事项请另行提交，如紧急程度有误请先改判。"


class BeingPlaced(Rejected):
    """Nobody knows yet how high it goes: its parts stand no lower than where it was raised to."""

    code = "being_placed"

    def en(self) -> str:
        return "It is still being placed, for the first time or with somebody higher; try again in a moment."

    def zh(self) -> str:
        return "该诉求正在派单（首次派单、升级或重办），请稍后再试。"
