"""However large a file grows, a connection keeps little of it in memory."""

import subprocess
import sys

from services.chassis.store.sqlite_writer import open_file

READ_ALL = """
import sys
from pathlib import Path
from services.chassis.store.sqlite_writer import open_file

def held():
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) // 1024

before = held()
reader = open_file(Path(sys.argv[1]), read_only=True)
assert reader.execute("SELECT sum(length(content)) FROM page").fetchone() == (60_000_000,)
print(held() - before)
"""


def test_reading_a_file_of_sixty_megabytes_keeps_less_than_twenty(tmp_path):
    file = tmp_path / "large.db"
    connection = open_file(file)
    connection.execute("CREATE TABLE page (content BLOB)")
    connection.execute("BEGIN")
    connection.executemany("INSERT INTO page VALUES (?)", [(bytes(3_000),)] * 20_000)
    connection.execute("COMMIT")
    connection.close()
    read = subprocess.run(
        [sys.executable, "-c", READ_ALL, file], capture_output=True, text=True, timeout=60, check=True
    )
    assert int(read.stdout) < 20
