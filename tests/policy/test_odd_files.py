"""A file that is no bundle at all: said by name, without waiting for it or ending the process."""

import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from services.chassis.policy_files import BundleErrors, read_bundle
from services.chassis.policy_rows import LARGEST

Complaints = Callable[[dict[str, str | bytes | None]], list[str]]
BundleWith = Callable[..., Path]
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


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("district.yaml", DISTRICT + "units: [1\nkinds: []\n", ":4: 不是合法的 YAML：第 4 行第 6 列无法读懂，"),
        ("district.yaml", DISTRICT + "\tunits: x\n", ":3: 不是合法的 YAML：第 3 行第 1 列无法读懂，"),
        ("district.yaml", DISTRICT + "\x07: 1\n", ":3: 不是合法的 YAML：第 3 行第 1 列是不可用的控制字符"),
        ("district.yaml", "name: 小区\x07\n", ":1: 不是合法的 YAML：第 1 行第 9 列是不可用的控制字符"),
        ("areas.geojson", '{"type":\n [1,}', ":2: 不是合法的 JSON：第 2 行第 5 列无法读懂，"),
        ("units.csv", 'code,name\nD,"小区\n', ":2: 不是合法的 CSV：从第 2 行起的一行引号不成对"),
        ("units.csv", "code,name\nD," + "字" * 140_000, ":2: 不是合法的 CSV：从第 2 行起的一行单元格过长"),
    ],
)
def test_what_cannot_be_read_is_said_in_chinese_by_line_and_column(
    bundle_with: BundleWith, name: str, content: str, said: str
):
    with pytest.raises(BundleErrors) as raised:
        read_bundle(bundle_with({name: content}))
    (told,) = [error.told(chinese=True) for error in raised.value.errors]
    assert told.startswith(name + said)
    assert not re.search("[a-z]", told.removeprefix(name)), "a word that is not Chinese"
