"""What a running process shares between its services."""

from dataclasses import dataclass

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
