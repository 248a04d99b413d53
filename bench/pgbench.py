"""`pgbench` as the other side: PostgreSQL's own program inserts real rows into a table like the log's."""

import asyncio
import re
import shutil
from collections.abc import Sequence
from pathlib import Path

from deploy.database import PostgresServer
from deploy.database.binaries import postgres_binaries
from services.chassis.store.engine import EventRow

TABLE = "bare"
CREATE = f"CREATE TABLE IF NOT EXISTS {TABLE} (LIKE es_event INCLUDING ALL)"
TRANSACTIONS = re.compile(r"^tps = ([\d.]+)", re.MULTILINE)
CLIENTS_APART = 1_000_000_000
"""So many positions for each client: theirs never meet."""


def make_script(file: Path, rows: Sequence[EventRow]) -> Path:
    """A transaction that inserts these rows in one statement, each time under new ids and positions.

    The ids grow within a client, as those of a process do; they are the only thing that the server has to compute."""
    values = ",\n".join(
        f"({row.partition}, :first + {number}, lpad(to_hex(:first + {number}), 32, '0')::uuid, {row.version},"
        f" {_quoted(row.type)}, {row.schema_version}, {_quoted(row.data)}, {_quoted(row.meta)}, {row.recorded_at})"
        for number, row in enumerate(rows)
    )
    file.write_text(
        f"\\set first :client_id * {CLIENTS_APART} + :done\n\\set done :done + {len(rows)}\n"
        f"INSERT INTO {TABLE} VALUES {values};\n"
    )
    return file


async def run(server: PostgresServer, database: str, script: Path, clients: int, seconds: int, done: int) -> float:
    """Transactions per second; `done` rows of each client are there already."""
    program = postgres_binaries() / "pgbench"
    named = str(program) if program.exists() else shutil.which("pgbench")
    assert named, "pgbench is needed: apt-get install postgresql-contrib"
    process = await asyncio.create_subprocess_exec(
        named, "--no-vacuum", f"--client={clients}", f"--time={seconds}", f"--define=done={done}",
        f"--file={script}", server.url(database),
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    out, err = await process.communicate()
    found = TRANSACTIONS.search(out.decode())
    assert process.returncode == 0, err.decode()
    assert found, out.decode()
    return float(found[1])


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
