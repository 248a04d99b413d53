"""One PostgreSQL server in a directory of its own, to be started, stopped, killed and paused."""

import os
import pwd
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from deploy.database.binaries import postgres_binaries
from deploy.ports import free_port

SECONDS_TO_START = 60
SETTINGS = {
    "max_connections": "100",
    "max_wal_size": "256MB",
    "unix_socket_permissions": "0777",
    "log_min_messages": "warning",
    "timezone": "UTC",
}
"""As durable as PostgreSQL is by default: fsync, full page writes and synchronous commit stay on. Little is left to be
recovered after a kill."""


class PostgresServer:
    """A server on a free loopback port and on a socket in its directory; `close` stops it and removes the directory."""

    superuser = "gridcase_owner"

    def __init__(
        self,
        directory: Path | None = None,
        binaries: Path | None = None,
        port: int | None = None,
        password: str | None = None,
    ) -> None:
        """`directory` must be one that an unprivileged user can reach; without it a temporary one is made. `password`:
        of a directory that was made before."""
        self.binaries = binaries or postgres_binaries()
        self._as_user = _unprivileged()
        self._directory = directory or Path(tempfile.mkdtemp(prefix="gridcase-postgres-"))
        self._directory.chmod(0o755)
        self.port = port or free_port()
        self.password = password or secrets.token_urlsafe(16)
        self._process: subprocess.Popen[bytes] | None = None
        if self._as_user:
            os.chown(self._directory, self._as_user["user"], self._as_user["group"])
        if not (self._directory / "data" / "PG_VERSION").exists():
            self._make()

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def url(self, database: str = "postgres", user: str | None = None, password: str | None = None) -> str:
        """Where a client connects, by TCP; the superuser unless another one is named."""
        who = f"{user or self.superuser}:{password or self.password}"
        return f"postgresql://{who}@127.0.0.1:{self.port}/{database}"

    def start(self) -> None:
        """Start, and return once it takes connections."""
        command = [self.binaries / "postgres", "-D", self._directory / "data", "-p", str(self.port)]
        command += ["-h", "127.0.0.1", "-k", self._directory]
        for name, value in SETTINGS.items():
            command += ["-c", f"{name}={value}"]
        with (self._directory / "log").open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603 - the programs of the kit itself
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self._directory,
                start_new_session=True,  # an interrupt from the keyboard is for whoever holds the server
                **self._as_user,
            )
        self._wait_until_ready()

    def stop(self) -> None:
        """A fast shutdown: open transactions are rolled back."""
        self._end(signal.SIGINT)

    def kill(self) -> None:
        """`kill -9` of all its processes at once, as when the machine loses power but not what was fsynced."""
        self.pause()
        for child in self._children():
            _send(child, signal.SIGKILL)
        self._end(signal.SIGKILL)

    def restart(self) -> None:
        self.stop()
        self.start()

    def pause(self) -> None:
        """Freeze the postmaster and every backend; connections stay open and nothing answers."""
        for pid in (self.pid, *self._children()):
            _send(pid, signal.SIGSTOP)

    def resume(self) -> None:
        for pid in (*self._children(), self.pid):
            _send(pid, signal.SIGCONT)

    def close(self) -> None:
        """Stop it and remove everything it wrote."""
        if self.running:
            self.resume()
            self._end(signal.SIGQUIT)
        shutil.rmtree(self._directory, ignore_errors=True)

    @property
    def log(self) -> str:
        """What the server said so far."""
        return (self._directory / "log").read_text(errors="replace")

    @property
    def running(self) -> bool:
        """Whether its process lives; a paused one does."""
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int:
        """The process that all its others come from."""
        assert self._process is not None
        return self._process.pid

    def _make(self) -> None:
        secret = self._directory / "password"
        secret.touch(0o600)
        secret.write_text(self.password)
        if self._as_user:
            os.chown(secret, self._as_user["user"], self._as_user["group"])
        options = ["--auth=scram-sha-256", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync", "--no-instructions"]
        command = [self.binaries / "initdb", "-D", self._directory / "data", "-U", self.superuser, "--pwfile", secret]
        made = subprocess.run(  # noqa: S603
            [*command, *options],
            capture_output=True,
            text=True,
            cwd=self._directory,
            check=False,
            **self._as_user,
        )
        secret.unlink()
        if made.returncode:
            raise RuntimeError(f"initdb failed: {made.stderr}")

    def _wait_until_ready(self) -> None:
        last = time.monotonic() + SECONDS_TO_START
        while time.monotonic() < last:
            assert self._process is not None
            if self._process.poll() is not None:
                raise RuntimeError(f"PostgreSQL did not start: {self.log[-2000:]}")
            with suppress(OSError, IndexError, ValueError):
                said = (self._directory / "data" / "postmaster.pid").read_text().splitlines()
                if int(said[0]) == self.pid and said[7].strip() == "ready":  # a kill leaves the file of before
                    return
            time.sleep(0.02)
        raise TimeoutError(f"PostgreSQL did not start in {SECONDS_TO_START} s: {self.log[-2000:]}")

    def _end(self, how: signal.Signals) -> None:
        process, self._process = self._process, None
        if process is not None:
            _send(process.pid, how)
            _send(process.pid, signal.SIGCONT)
            process.wait(timeout=SECONDS_TO_START)

    def _children(self) -> list[int]:
        return [int(pid) for pid in Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()]


def _unprivileged() -> dict[str, Any]:
    """PostgreSQL refuses to run as root: as whom it runs then."""
    if os.geteuid() != 0:
        return {}
    names = {one.pw_name: one for one in pwd.getpwall()}
    user = names.get("postgres") or names["nobody"]
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


def _send(pid: int, what: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, what)
