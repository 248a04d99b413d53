"""Severity as the chassis runs it."""

from schemas.events import severity
from schemas.events.intake import PetitionFiled, PetitionSupplemented
from services.chassis.service import Service
from severity.api import api
from severity.decider import DECIDER
from severity.lookups import for_batch, severity_policy
from severity.reactions import on_petition_filed, on_petition_supplemented

SERVICE = Service(
    decider=DECIDER,
    emits=frozenset(severity.EVENTS),
    reactions={PetitionFiled: on_petition_filed, PetitionSupplemented: on_petition_supplemented},
    for_batch=for_batch,
    build_ahead=severity_policy,
    api=api,
)
