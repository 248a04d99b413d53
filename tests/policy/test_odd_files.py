"""A file that is no bundle at all: said by name, without waiting for it or ending the process."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from services.chassis.policy_files import BundleErrors, read_bundle
from services.chassis.policy_rows import LARGEST

Complaints = Callable[[dict[str, str | bytes | None]], list[str]]
DISTRICT = "name: 小区\nladder: [grid, street]\n"


@pytest.mark.parametrize("deep", ["[" * 100_000, "[" * 33, "{a: " * 5_000, "\n" + "- " * 40])
def test_a_file_nested_deeper_than_any_bundle_ends_no_process(complaints: Complaints, deep: str):
    (error,) = complaints({"district.yaml": "a: " + deep})
    assert error.endswith("is nested deeper than 32") or "is not YAML" in error


def test_what_is_no_regular_file_is_not_waited_for(tmp_path: Path):
    os.mkfifo(tmp_path / "pipe.yaml")
    with pytest.raises(BundleErrors, match=r"pipe\.yaml: is not a regular file"):
        read_bundle(tmp_path / "pipe.yaml")


def test_a_huge_file_is_not_read(tmp_path: Path):
    with (tmp_path / "huge.yaml").open("wb") as huge:
        huge.truncate(LARGEST + 1)
    with pytest.raises(BundleErrors, match=r"huge\.yaml: is larger than 64 MiB"):
        read_bundle(tmp_path / "huge.yaml")


@pytest.mark.parametrize(("encoding", "looks"), [("gb18030", "GB18030"), ("utf-16", "UTF-16")])
def test_another_encoding_is_named(complaints: Complaints, encoding: str, looks: str):
    assert complaints({"district.yaml": DISTRICT.encode(encoding)}) == [
        f"district.yaml:1: is not UTF-8; it looks like {looks}: save it as UTF-8 in your editor"
    ]
