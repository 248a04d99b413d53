"""The script leaves no command out."""

from services.chassis.policy_files import read_bundle
from tests.cluster.lives import lives, unhurried
from tests.cluster.texts import MADE_UP
from tests.docs.commands import COMMANDS
from tests.serving import DISTRICT


def test_every_command_is_asked_for_in_the_short_script():
    said = {step.command for life in lives(MADE_UP, unhurried(read_bundle(DISTRICT), 1)) for step in life.steps if step}
    assert COMMANDS.keys() - said == set()
