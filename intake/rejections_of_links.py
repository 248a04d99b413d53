"""Why intake refuses a link, each with what to do next."""

from uuid import UUID

from schemas.words import Severity
from services.chassis.deciding import Rejected


class FollowsAnother(Rejected):
    """It is linked, and only its root is worked on."""

    code = "follows_another"

    def __init__(self, root: UUID) -> None:
        super().__init__(root)
        self.root = root

    def en(self) -> str:
        return f"It is linked to {self.root}, where the matter is handled: ask it of that one, or unlink this one."

    def zh(self) -> str:
        return f"该诉求已并入主单 {self.root}，请对主单操作，或先取消并案。"


class OthersFollow(Rejected):
    """Others are linked to it and wait for its answer."""

    code = "others_follow"

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number

    def en(self) -> str:
        return f"{self.number} linked petitions wait for its answer; unlink them first."

    def zh(self) -> str:
        return f"有 {self.number} 件从单并入本诉求，等待其结果；请先取消并案。"


class LinksToItself(Rejected):
    """A petition that is to follow itself."""

    code = "links_to_itself"
    status = 422

    def en(self) -> str:
        return "A petition cannot be linked to itself; name the one that it repeats."

    def zh(self) -> str:
        return "诉求不能并入自身，请填写主单。"


class LinkedTheOtherWay(Rejected):
    """The one that it is to follow follows it."""

    code = "linked_the_other_way"

    def __init__(self, duplicate: UUID) -> None:
        super().__init__(duplicate)
        self.duplicate = duplicate

    def en(self) -> str:
        return f"{self.duplicate} is linked to this one already; unlink it first if it should be the root."

    def zh(self) -> str:
        return f"{self.duplicate} 已并入本诉求；如要以其为主单，请先将其取消并案。"


class UnknownPetition(Rejected):
    """It is to follow a petition that there is not."""

    code = "unknown_petition"
    status = 422

    def __init__(self, named: str) -> None:
        super().__init__(named)
        self.named = named

    def en(self) -> str:
        return f"There is no petition {self.named}; give its id, or its number."

    def zh(self) -> str:
        return f"没有诉求 {self.named}；请填写诉求标识或编号。"


class RootFollowsAnother(Rejected):
    """The one that it is to follow follows another itself."""

    code = "root_follows_another"

    def __init__(self, root: UUID) -> None:
        super().__init__(root)
        self.root = root

    def en(self) -> str:
        return f"That one is linked to {self.root} itself; link this one to {self.root}."

    def zh(self) -> str:
        return f"该主单本身已并入 {self.root}，请直接并入 {self.root}。"


class RootIsOver(Rejected):
    """Nobody works any more on the one that it is to follow."""

    code = "root_is_over"

    def en(self) -> str:
        return "The petition to link to is resolved or over; re-open that one first, or handle this one for itself."

    def zh(self) -> str:
        return "要并入的主单已办结或已结束；请先重办主单，或单独办理本诉求。"


class NotReadYet(Rejected):
    """One of the two has not been read, so nobody knows how grave it is."""

    code = "not_read_yet"

    def en(self) -> str:
        return "One of the two petitions has not been read yet; try again in a moment."

    def zh(self) -> str:
        return "两件诉求中有一件尚未研判，请稍后再试。"


class GraverThanRoot(Rejected):
    """A graver matter would disappear behind a milder one."""

    code = "graver_than_root"

    def __init__(self, severity: Severity, root: Severity) -> None:
        super().__init__(severity, root)
        self.severity = severity
        self.root = root

    def en(self) -> str:
        return f"It is {self.severity}, the other one {self.root}: link that one to this one, or reassess one of them."

    def zh(self) -> str:
        return f"本诉求为 {self.severity}，主单为 {self.root}：请将对方并入本诉求，或先改判。"


class ComplainsAboutItsHandler(Rejected):
    """Whoever it complains about would answer it."""

    code = "complains_about_its_handler"

    def en(self) -> str:
        return "It complains about who handles the other one, and nobody is answered by them: handle it for itself."

    def zh(self) -> str:
        return "本诉求反映的正是主单的承办方，不能由其答复；请单独办理本诉求。"


class TooManyFollow(Rejected):
    """As many follow it as one append can answer."""

    code = "too_many_follow"

    def __init__(self, most: int) -> None:
        super().__init__(most)
        self.most = most

    def en(self) -> str:
        return f"{self.most} petitions are linked to it, and no more can be; link this one to another of that matter."

    def zh(self) -> str:
        return f"已有 {self.most} 件从单，不能再并入；请并入同一事项的另一件诉求。"


class NotLinked(Rejected):
    """It follows nobody."""

    code = "not_linked"

    def en(self) -> str:
        return "It is linked to no other petition."

    def zh(self) -> str:
        return "该诉求未并入其他诉求。"
