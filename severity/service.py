"""Severity as the chassis runs it."""

from schemas.events import severity
from schemas.events.intake import PetitionFiled, PetitionSupplemented
from schemas.events.severity import SeverityAssessed
from services.chassis.service import Service
from severity.api import api
from severity.decider import DECIDER
from severity.lookups import for_batch, severity_policy
from severity.reactions import on_petition_filed, on_petition_supplemented, on_severity_assessed

SERVICE = Service(
    decider=DECIDER,
    emits=frozenset(severity.EVENTS),
    reactions={
        PetitionFiled: on_petition_filed,
        PetitionSupplemented: on_petition_supplemented,
        SeverityAssessed: on_severity_assessed,
    },
    for_batch=for_batch,
    build_ahead=severity_policy,
    api=api,
)
