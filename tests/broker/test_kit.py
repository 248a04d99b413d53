"""The kit is made once for the machine, and says what it needs."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.broker.kit import Kit, NotInstalled, version

ROOT = Path(__file__).resolve().parents[2]
SECONDS = 120


@pytest.fixture
def maven(kit: Kit, tmp_path: Path) -> Path:
    """A `mvn` that needs no network: it brings the jars of the kit that is there, and counts how often."""
    program = tmp_path / "bin" / "mvn"
    program.parent.mkdir()
    program.write_text(
        f'#!/bin/sh\necho fetched >> {tmp_path}/fetches\nfor last; do :; done\ncp -r {kit.jars} "${{last#*=}}"\n'
    )
    program.chmod(0o755)
    return program


def _making(cache: Path, *path: Path) -> subprocess.Popen[str]:
    """`python -m deploy.broker` on this cache, with the programs of these folders."""
    return subprocess.Popen(
        [sys.executable, "-m", "deploy.broker"],
        cwd=ROOT,
        env=os.environ | {"GRIDCASE_CACHE": str(cache), "PATH": os.pathsep.join(map(str, path))},
        stdout=subprocess.PIPE,
        text=True,
    )


@pytest.mark.slow
def test_two_who_come_at_once_make_it_once_and_the_next_needs_nothing(maven, tmp_path):
    cache = tmp_path / "cache"
    half_made = cache / f"kafka-{version()}" / "jars" / "half.jar"
    half_made.parent.mkdir(parents=True)
    half_made.touch()

    java = shutil.which("java")
    assert java

    both = [_making(cache, maven.parent, Path(java).parent) for _ in range(2)]
    said = {one.communicate(timeout=SECONDS)[0] for one in both}
    third = _making(cache, tmp_path / "nothing")
    said.add(third.communicate(timeout=5)[0])

    assert [one.returncode for one in (*both, third)] == [0, 0, 0]
    assert said == {f"{half_made.parents[1]}\n"}
    assert (tmp_path / "fetches").read_text() == "fetched\n"
    assert not half_made.exists()


@pytest.mark.parametrize(
    ("program", "package", "step"),
    [
        ("mvn", "maven", Kit.fetch),
        ("java", "default-jre-headless", Kit.format),
    ],
)
def test_without_its_programs_it_says_what_to_install(monkeypatch, tmp_path, program, package, step):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(NotInstalled, match=rf"needs {program}\b.*apt-get install {package}$"):
        step(Kit(tmp_path))
