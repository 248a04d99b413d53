"""Why the router lets no work change hands, each with what to do next."""

from services.chassis.deciding import Rejected


class HeldByAnother(Rejected):
    """Somebody else has the work."""

    code = "held_by_another"

    def __init__(self, staff: str) -> None:
        super().__init__(staff)
        self.staff = staff

    def en(self) -> str:
        return f"{self.staff} has the work; name {self.staff} in `from` to hand it over."

    def zh(self) -> str:
        return f"该诉求由 {self.staff} 承办；如需交接，请在 from 中写明 {self.staff}。"


class NotOnDuty(Rejected):
    """By the roster, who is to have the work is not on duty there today."""

    code = "not_on_duty"

    def __init__(self, staff: str, receiver: str) -> None:
        super().__init__(staff, receiver)
        self.staff = staff
        self.receiver = receiver

    def en(self) -> str:
        return (
            f"By the roster {self.staff} is not on duty at {self.receiver} today;"
            " name somebody who is, or transfer the petition to another unit or department."
        )

    def zh(self) -> str:
        return f"按值守名册，{self.staff} 今日不在 {self.receiver} 值守，请改交给在岗人员，或转办给其他单位、部门。"
