"""Intake as the chassis runs it."""

from intake.api_of_parts import api
from intake.decider import DECIDER
from intake.locating import locator
from schemas.events import intake
from services.chassis.service import Service

SERVICE = Service(decider=DECIDER, emits=frozenset(intake.EVENTS), build_ahead=locator, api=api)
