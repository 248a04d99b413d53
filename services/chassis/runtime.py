"""What a running process shares between its services."""

from collections.abc import Callable
from dataclasses import dataclass, field

from schemas.event import AnyRecorded
from services.chassis.batcher import Batcher
from services.chassis.clock import Time
from services.chassis.crowd import MOST_AT_WORK, Crowd, Turns
from services.chassis.deciding import Decider, Facts
from services.chassis.log import Log
from services.chassis.policies import PolicyBook
from services.chassis.states import States

MOST_WAITING = 100
"""Each of them looks at the log ten times a second."""


@dataclass(frozen=True)
class Runtime:
    """The log, the time, the policies and the one way HTTP writes take."""

    log: Log
    time: Time
    policies: PolicyBook
    batcher: Batcher
    nudges: list[Callable[[AnyRecorded], None]] = field(default_factory=list)
    """Told of a petition that somebody waits for; a hint, which changes nothing but the order of work."""

    waiters: Crowd = field(default_factory=lambda: Crowd(MOST_WAITING))
    """The requests whose answers are held until something has happened."""

    lines: Turns = field(default_factory=lambda: Turns(MOST_AT_WORK))
    """The lines of batches that are filed now."""

    _states: dict[str, States] = field(default_factory=dict)

    def facts(self) -> Facts:
        """What is decided now is decided by the policy of that moment, also when the next one's comes meanwhile."""
        now = self.time.now()
        return Facts(now, self.policies.at(now))

    def states(self, decider: Decider) -> States:
        """The states of this decider, folded once for consumer, timer and HTTP door together."""
        if decider.service not in self._states:
            self._states[decider.service] = States(decider)
        return self._states[decider.service]

    def nudge(self, recorded: AnyRecorded) -> None:
        """Take this event ahead of the queue where there is one."""
        for listener in self.nudges:
            listener(recorded)
