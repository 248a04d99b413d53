"""The wheel runs in a clean environment, far from the checkout, with everything it needs inside."""

import os
import socket
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

pytestmark = pytest.mark.slow

SECONDS_TO_START = 30


def _run(*command: object, cwd: Path, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(part) for part in command], cwd=cwd, env=env, capture_output=True, text=True, check=False
    )


@pytest.fixture(scope="module")
def wheel(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel built from this checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    built = _run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, root, cwd=folder)
    assert built.returncode == 0, built.stdout + built.stderr
    (wheel,) = folder.glob("*.whl")
    return wheel


@pytest.fixture(scope="module")
def clean(root: Path, wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programs of an environment that holds the pinned packages and the wheel, nothing else."""
    home = tmp_path_factory.mktemp("clean")
    made = [
        _run(sys.executable, "-m", "venv", home, cwd=home),
        _run(
            home / "bin/pip",
            "install",
            "--require-hashes",
            "--only-binary",
            ":all:",
            "-r",
            root / "constraints.txt",
            cwd=home,
        ),
        _run(home / "bin/pip", "install", "--no-deps", "--no-index", wheel, cwd=home),
    ]
    assert not [step.stderr for step in made if step.returncode]
    return home / "bin"


@pytest.fixture
def surroundings() -> dict[str, str]:
    """The caller's environment without what could point back to the checkout or configure gridcase."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "GRIDCASE_"))}


@pytest.fixture
def district(root: Path) -> Path:
    """A district of about thirty lines."""
    return min((root / "tests" / "policy" / "ladders").glob("*.yaml"))


@pytest.fixture
def address(clean: Path, district: Path, surroundings: dict[str, str], tmp_path: Path) -> Iterator[str]:
    """Where the installed program serves a district on new data."""
    imported = _run(clean / "gridcase", "import", district, "--data", tmp_path / "data", cwd=tmp_path, env=surroundings)
    assert imported.returncode == 0, imported.stdout + imported.stderr
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [clean / "gridcase", "up", "--host", "127.0.0.1", "--port", str(port), "--data", tmp_path / "data"]
    with (tmp_path / "output").open("w") as output:
        server = subprocess.Popen(command, cwd=tmp_path, env=surroundings, stdout=output, stderr=subprocess.STDOUT)
    try:
        yield _answering(server, f"http://127.0.0.1:{port}", tmp_path / "output")
    finally:
        server.terminate()
        server.wait(timeout=SECONDS_TO_START)


def _answering(server: subprocess.Popen[bytes], address: str, output: Path) -> str:
    """The address, as soon as anything answers there."""
    last = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < last and server.poll() is None:
        try:
            httpx.get(f"{address}/healthz", trust_env=False)
        except httpx.TransportError:
            time.sleep(0.1)
        else:
            return address
    pytest.fail(f"nothing answered: {output.read_text()}")


def test_everything_in_the_packages_is_in_the_wheel(root, project, wheel):
    """Templates, static files, data and migrations too; a pattern in .gitignore would leave them out silently."""
    packages = project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
    there = {
        path.relative_to(root).as_posix()
        for package in packages
        for path in (root / package).rglob("*")
        if path.is_file() and path.suffix != ".pyc"
    }
    inside = set(zipfile.ZipFile(wheel).namelist())
    assert not there - inside


def test_nothing_but_the_packages_is_in_the_wheel(project, wheel):
    packages = set(project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"])
    inside = {name.split("/")[0] for name in zipfile.ZipFile(wheel).namelist()}
    assert inside - packages == {f"gridcase-{project['project']['version']}.dist-info"}


def test_the_licence_comes_with_it(wheel):
    assert [name for name in zipfile.ZipFile(wheel).namelist() if name.endswith("licenses/LICENSE")]


def test_the_installed_program_introduces_itself(clean, surroundings, tmp_path):
    shown = _run(clean / "gridcase", "--help", cwd=tmp_path, env=surroundings)
    assert shown.returncode == 0, shown.stderr
    assert "import" in shown.stdout


def test_the_installed_program_serves_an_imported_district(address):
    answers = {page: httpx.get(f"{address}{page}", trust_env=False).status_code for page in ("/healthz", "/docs", "/")}
    assert answers == {"/healthz": 200, "/docs": 200, "/": 200}


def test_the_installed_program_refuses_to_run_beside_a_foreign_package(clean, surroundings, tmp_path):
    (packages,) = clean.parent.glob("lib/python*/site-packages")
    stranger = packages / "intake-1.0.dist-info"
    stranger.mkdir()
    try:
        (stranger / "METADATA").write_text("Metadata-Version: 2.1\nName: intake\nVersion: 1.0\n")
        (stranger / "RECORD").write_text("intake/__init__.py,,\n")
        refused = _run(clean / "gridcase", "--help", cwd=tmp_path, env=surroundings)
    finally:
        for file in stranger.iterdir():
            file.unlink()
        stranger.rmdir()
    assert refused.returncode != 0
    assert "pip uninstall intake" in refused.stderr
    assert "Traceback" not in refused.stderr
