"""Whatever can be asked of a petition is asked in any order, too."""

import pytest

from tests.docs.commands import COMMANDS as TABLE
from tests.invariants.course import Course, Rungs
from tests.invariants.doors import COMMANDS
from tests.invariants.likely import LIKELY, SOMETIMES, body_of
from tests.invariants.rows import Row
from tests.invariants.world import START


def test_every_command_of_the_table_is_asked_and_likely_in_some_status():
    assert COMMANDS.keys() == TABLE.keys()
    assert {name for names in LIKELY.values() for name in names} | SOMETIMES == TABLE.keys()


@pytest.mark.parametrize("name", sorted(TABLE))
def test_every_command_has_a_body_that_its_door_takes(name):
    _, fields = COMMANDS[name]
    course = Course(Rungs({}, {}), beside="019a0b1c-7d2e-7f00-8000-000000000001")
    course.last = Row(0, 1, "", 1, "PetitionFiled", {"at": START.isoformat()}, "intake", "", None, START)
    for severity in ("routine", "urgent", "critical"):
        for yes in (True, False):
            fields.model_validate({"by": "s-1", **body_of(name, course, "SA1", severity, yes)})
