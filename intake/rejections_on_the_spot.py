"""Why intake takes no word of a matter that was dealt with on the spot, with what to do next."""

from services.chassis.deciding import Rejected


class NotOfThisGrid(Rejected):
    """By the roster, who says that it was dealt with on the spot is no worker of the grid in which it lies."""

    code = "not_of_this_grid"

    def __init__(self, staff: str, grid: str) -> None:
        super().__init__(staff, grid)
        self.staff = staff
        self.grid = grid

    def en(self) -> str:
        return (
            f"By the roster {self.staff} does not work for {self.grid} today, and only its own workers resolve on the"
            " spot there; file it without `resolved_on_the_spot`, with what was done in `text`, and it is routed."
        )

    def zh(self) -> str:
        return (
            f"按值守名册，{self.staff} 今日不在 {self.grid} 值守，只有该网格的网格员可以自处理；"
            "请不填 resolved_on_the_spot，将已做的处理写入 text 后提交，系统将正常派单。"
        )
