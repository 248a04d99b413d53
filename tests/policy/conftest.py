"""A small sound bundle to break in one place at a time."""

from collections.abc import Callable
from pathlib import Path

import pytest

from services.chassis.policy_files import BundleErrors, read_bundle

DISTRICT = """\
name: 小区
ladder: [grid, street]
severities:
  critical: {floor: street}
"""
UNITS = """\
code,name,tier,parent,staff
D,小区,street,,3
D1,一网格,grid,D,1
"""
DEPARTMENTS = """\
code,name,unit,power
D-WATER,水务所,D,water
"""
KINDS = """\
code,name,tier,power,accept_hours,resolve_hours
LAMP,灯不亮,grid,,8,48
PIPE,停水,street,water,1,24
"""

SOUND = {"district.yaml": DISTRICT, "units.csv": UNITS, "departments.csv": DEPARTMENTS, "kinds.csv": KINDS}

Complaints = Callable[..., list[str]]


@pytest.fixture
def bundle_with(tmp_path: Path) -> Callable[..., Path]:
    """The sound bundle with some files replaced: `bundle_with({"units.csv": …})`; None takes a file away."""

    def write(files: dict[str, str | bytes | None] | None = None) -> Path:
        for name, content in {**SOUND, **(files or {})}.items():
            if isinstance(content, str):
                content = content.encode()
            if content is not None:
                (tmp_path / name).write_bytes(content)
        return tmp_path

    return write


@pytest.fixture
def complaints(bundle_with: Callable[..., Path]) -> Complaints:
    """The lines of the error that reading the changed bundle raises."""

    def read(files: dict[str, str | bytes | None]) -> list[str]:
        with pytest.raises(BundleErrors) as raised:
            read_bundle(bundle_with(files))
        assert all(error.message_zh for error in raised.value.errors)
        return str(raised.value).splitlines()

    return read
