"""The page of commands by status is what the deciders say, and leaves out neither a command nor a status."""

import re

from schemas.life import fold_life
from schemas.words import Status
from services.chassis.settings import Settings
from services.embedded import running
from services.server import application
from tests.docs.commands import COMMANDS, PAGE, STATUSES, renewed
from tests.given import recorded


def test_the_table_is_what_the_deciders_say():
    page = PAGE.read_text(encoding="utf-8")
    assert renewed(page) == page, "run `make docs`"


def test_every_status_that_petitions_can_have_is_a_column():
    statuses = [fold_life(recorded(*past)).status for past in STATUSES.values()]
    assert [name.partition(",")[0] for name in STATUSES] == [status.value for status in statuses]
    assert set(statuses) == set(Status)


async def test_every_command_of_every_door_is_a_row(tmp_path):
    async with running(tmp_path) as gridcase:
        paths = application(gridcase, Settings()).openapi()["paths"]
    doors = {found[1] for path in paths if (found := re.fullmatch(r"/v1/petitions/\{petition\}/([a-z-]+)", path))}
    doors = {name for name in doors if "post" in paths[f"/v1/petitions/{{petition}}/{name}"]}
    assert doors == set(COMMANDS)
