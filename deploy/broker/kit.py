"""An Apache Kafka broker as files of this machine: the jars, an empty formatted store, and the classes made ready."""

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
POM = HERE / "pom.xml"
FETCH_SECONDS = 500
FORMAT_SECONDS = 60
JVM = (
    "-Xmx512m",
    "-XX:MaxDirectMemorySize=128m",
    "-XX:+UseSerialGC",  # starts faster than the parallel collectors, and takes no core of its own
    "-XX:TieredStopAtLevel=1",  # a broker that lives for a test never earns back the slow compiler
    f"-Dlog4j2.configurationFile={HERE / 'log4j2.properties'}",
)


class NotInstalled(Exception):
    """A program that a broker needs is not on this machine."""

    def __init__(self, program: str, package: str) -> None:
        super().__init__(f"Apache Kafka needs {program}, which is not installed: apt-get install {package}")


class NotFetched(Exception):
    """Maven could not bring the jars."""


class Unusable(Exception):
    """The jars are there, and Kafka's own tool cannot format a store with them."""


def version() -> str:
    """The version of Kafka that `pom.xml` names."""
    found = re.search(r"<kafka\.version>(.+)</kafka\.version>", POM.read_text(encoding="utf-8"))
    assert found
    return found.group(1)


def settings(port: int, controller_port: int, data: Path) -> str:
    """The server's properties for these ports and this directory."""
    text = (HERE / "server.properties").read_text(encoding="utf-8")
    for name, value in (("$port", port), ("$controller_port", controller_port), ("$data", data)):
        text = text.replace(name, str(value))
    return text


@dataclass(frozen=True)
class Kit:
    """What a broker is started from, in the folder `home`."""

    home: Path

    @property
    def jars(self) -> Path:
        """The jars of the broker."""
        return self.home / "jars"

    @property
    def formatted(self) -> Path:
        """An empty store, as Kafka's own tool formats it."""
        return self.home / "formatted"

    @property
    def classes(self) -> Path:
        """The loaded classes as the JVM archived them; a start with them takes half the time."""
        return self.home / "classes.jsa"

    def java(self, main: str, *arguments: str | Path, options: Sequence[str] = ()) -> list[str]:
        """The command line that runs a class of the jars."""
        jars = ":".join(str(jar) for jar in sorted(self.jars.glob("*.jar")))
        java = _program("java", "default-jre-headless")
        return [java, *JVM, *options, "-cp", jars, main, *(str(argument) for argument in arguments)]

    def fetch(self) -> None:
        """Bring the jars with Maven, as it is set up on this machine."""
        command = [
            _program("mvn", "maven"),
            "--batch-mode",
            "--quiet",
            f"--file={POM}",
            "dependency:copy-dependencies",
            "-DincludeScope=runtime",
            f"-DoutputDirectory={self.jars}",
        ]
        if failed := _failed(command, FETCH_SECONDS):
            raise NotFetched(f"Maven could not fetch the jars of Apache Kafka {version()}:\n{failed}")

    def format(self) -> None:
        """Make the empty store once; each broker begins with a copy, which spares it a second."""
        with tempfile.NamedTemporaryFile("w", suffix=".properties") as file:
            file.write(settings(1, 2, self.formatted))
            file.flush()
            command = self.java("kafka.tools.StorageTool", "format", "-t", "A" * 22, "-c", file.name)
            if failed := _failed(command, FORMAT_SECONDS):
                raise Unusable(failed)


def _program(name: str, package: str) -> str:
    if path := shutil.which(name):
        return path
    raise NotInstalled(name, package)


def _failed(command: list[str], seconds: float) -> str | None:
    """What the program said when it failed, or why it was ended."""
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=seconds,
            env=os.environ | {"LC_ALL": "C.UTF-8"},
        )
    except subprocess.TimeoutExpired:
        return f"{command[0]} had not ended after {seconds} seconds"
    return done.stdout + done.stderr if done.returncode else None
