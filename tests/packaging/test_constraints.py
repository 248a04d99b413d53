"""Every package is pinned with hashes, the sets agree, and no host is named (tests/architecture looks for hosts)."""

import re
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

SETS = ("constraints.txt", "constraints-dev.txt")


def _pins(file: Path) -> dict[str, str]:
    """Package → version."""
    return dict(re.findall(r"^([A-Za-z0-9._-]+)==(\S+)", file.read_text(encoding="utf-8"), re.MULTILINE))


@pytest.mark.parametrize("name", SETS)
def test_every_line_is_a_pin_a_hash_or_nothing(root, name):
    line = re.compile(r"([a-z0-9-]+(\[\S+\])?==\S+( ; .+)? \\|    --hash=sha256:[0-9a-f]{64}( \\)?)")
    lines = (root / name).read_text(encoding="utf-8").splitlines()
    assert not [text for text in lines if not line.fullmatch(text)]


def test_what_is_tested_is_what_runs(root):
    runs, tested = (_pins(root / name) for name in SETS)
    assert runs.items() <= tested.items()


def test_every_declared_dependency_is_pinned_within_its_range(root, project):
    pins = _pins(root / "constraints.txt")
    declared = [Requirement(text) for text in project["project"]["dependencies"]]
    assert not [str(need) for need in declared if not need.specifier.contains(pins[canonicalize_name(need.name)])]
