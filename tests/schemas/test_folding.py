"""Folding never fails: a reader meets streams of other releases, and every service hears all that others say."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.events import EVENT_TYPES
from tests.given import escalation, feedback, intake, raises_nothing, recorded, router, severity
from tests.schemas.test_golden import golden

EVENTS = [event_type.model_validate_json(golden(name)) for name, event_type in EVENT_TYPES.items()]


@pytest.mark.parametrize("service", [intake, severity, router, escalation, feedback], ids=lambda one: one.name)
def test_no_event_is_too_much_for_a_decider(service):
    for event in EVENTS:
        raises_nothing(service, recorded(event))
    raises_nothing(service, recorded(*EVENTS))
    raises_nothing(service, recorded(*EVENTS, *reversed(EVENTS)))


@settings(max_examples=100)
@given(st.lists(st.sampled_from(EVENTS), max_size=12))
def test_no_order_of_events_is_too_much_either(events):
    for service in (intake, severity, router, escalation, feedback):
        raises_nothing(service, recorded(*events))


def test_every_service_says_only_what_it_owns():
    for service in (intake, severity, router, escalation, feedback):
        assert {event.owner for event in service.emits} == {service.name}
    assert {event for service in (intake, severity, router, escalation, feedback) for event in service.emits} == set(
        EVENT_TYPES.values()
    )
