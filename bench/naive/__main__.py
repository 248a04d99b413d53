"""`python -m bench.naive HANDLE DATABASE`: serve the plain version on a socket that listens already."""

import contextlib
import socket
import sys
from pathlib import Path

import uvicorn

from bench.district import policy
from bench.naive.app import application
from bench.naive.database import open_database
from bench.naive.service import Rules

if __name__ == "__main__":
    app = application(open_database(Path(sys.argv[2])), Rules.of(policy()))
    config = uvicorn.Config(app, log_config=None, access_log=False, http="httptools", loop="uvloop")
    with contextlib.suppress(KeyboardInterrupt):
        uvicorn.Server(config).run([socket.socket(fileno=int(sys.argv[1]))])
