"""The import contracts of `.importlinter` find what they are there for."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.tree import PACKAGES, ROOT

FORBIDDEN = {
    "intake/decider.py": "random",
    "severity/policy.py": "time",
    "router/reactions.py": "sqlite3",
    "schemas/words.py": "os",
    "schemas/event.py": "services.chassis",
    "escalation/service.py": "router",
    "feedback/api.py": "services.console",
    "feedback/lookups.py": "aiosqlite",
    "services/chassis/feed.py": "intake",
    "services/console/pages.py": "severity",
    "services/console/tables.py": "services.embedded",
}


@pytest.fixture
def skeleton(tmp_path: Path) -> Path:
    """An empty project of the same shape, under the same contracts."""
    for package in (*PACKAGES, "services/chassis", "services/console"):
        (tmp_path / package).mkdir()
        (tmp_path / package / "__init__.py").touch()
    (tmp_path / "services" / "embedded.py").touch()
    shutil.copy(ROOT / ".importlinter", tmp_path)
    return tmp_path


def _lint(project: Path) -> subprocess.CompletedProcess[str]:
    linter = Path(sys.executable).with_name("lint-imports")
    return subprocess.run([linter, "--no-cache"], cwd=project, capture_output=True, text=True, check=False)


def test_an_empty_project_keeps_the_contracts(skeleton):
    kept = _lint(skeleton)
    assert kept.returncode == 0, kept.stdout


def test_every_forbidden_import_is_found(skeleton):
    for module, imported in FORBIDDEN.items():
        (skeleton / module).write_text(f"import {imported}\n")
    found = _lint(skeleton)
    assert found.returncode == 1
    links = [f"{module.removesuffix('.py').replace('/', '.')} -> {name}" for module, name in FORBIDDEN.items()]
    assert not [link for link in links if link not in found.stdout]


def test_an_import_is_found_behind_another_module(skeleton):
    (skeleton / "router" / "rejections.py").write_text("import services.chassis.clock\n")
    (skeleton / "router" / "decider.py").write_text("import router.rejections\n")
    (skeleton / "services" / "chassis" / "clock.py").write_text("import time\n")
    found = _lint(skeleton)
    assert found.returncode == 1
    assert "router.decider is not allowed to import time" in found.stdout


def test_a_module_without_a_place_in_the_order_is_found(skeleton):
    (skeleton / "services" / "stray.py").touch()
    found = _lint(skeleton)
    assert found.returncode == 1
    assert "- services.stray" in found.stdout
