"""Intake as the chassis runs it."""

from intake.api_of_parts import api
from intake.decider import DECIDER
from schemas.events import intake
from services.chassis.service import Service

SERVICE = Service(decider=DECIDER, emits=frozenset(intake.EVENTS), api=api)
