"""What a running process shares between its services."""

from collections.abc import Callable
from dataclasses import dataclass, field

from schemas.event import AnyRecorded
from services.chassis.batcher import Batcher
from services.chassis.clock import Time
from services.chassis.log import Log
from services.chassis.policies import PolicyBook


@dataclass(frozen=True)
class Runtime:
    """The log, the time, the policies and the one way HTTP writes take."""

    log: Log
    time: Time
    policies: PolicyBook
    batcher: Batcher
    nudges: list[Callable[[AnyRecorded], None]] = field(default_factory=list)
    """Told of a petition that somebody waits for; a hint, which changes nothing but the order of work."""

    def nudge(self, recorded: AnyRecorded) -> None:
        """Take this event ahead of the queue where there is one."""
        for listener in self.nudges:
            listener(recorded)
