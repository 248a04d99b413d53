"""Rows as people wrote them in CSV and YAML, with the file and line of every value; nothing is interpreted yet."""

import contextlib
import csv
import errno
import io
import stat
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

import yaml

Written: TypeAlias = "str | list[Written] | dict[str, Written] | None"
"""A value as written: every scalar is text, because YAML would read `no` as a boolean, `001` as 1 and 17:00 as 1020."""

DEEPEST = 32
LARGEST = 64 * 1024 * 1024
"""Bytes of one file; a province of ten thousand grids is a hundredth of it."""
_LOOK_AT = "无法读懂，请检查缩进（只能用空格）、冒号、括号和引号"
_WHY_UNREAD = {errno.EACCES: "没有权限", errno.ENOENT: "文件不存在", errno.ELOOP: "符号链接循环"}
_YAML_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True)
class BundleError:
    """One thing that is wrong and where. `line` counts from 1, 0 means the file as a whole; `field` may be empty."""

    file: str
    line: int
    field: str
    message_en: str
    message_zh: str

    def __str__(self) -> str:
        return self.told(chinese=False)

    def told(self, *, chinese: bool) -> str:
        """File, line, field, and what is wrong, in one language."""
        spot = f"{self.file}:{self.line}" if self.line else self.file
        return ": ".join(part for part in (spot, self.field, self.message_zh if chinese else self.message_en) if part)


class BundleErrors(ValueError):
    """A bundle that cannot be used; `errors` is everything that was found, by file and line."""

    def __init__(self, errors: Collection[BundleError]) -> None:
        self.errors = sorted(errors, key=lambda error: (error.file, error.line))
        super().__init__("\n".join(str(error) for error in self.errors))


@dataclass(frozen=True, slots=True)
class Row:
    """One record: its values by field, and the YAML node it came from (None for CSV, where a row is one line)."""

    file: str
    line: int
    values: dict[str, Written] = field(default_factory=dict)
    node: yaml.Node | None = None

    def line_at(self, *path: str | int) -> int:
        """The line of the value at this path, or of the nearest thing around it."""
        node, line = self.node, self.line
        for step in path:
            if isinstance(node, yaml.MappingNode):
                at = next((pair for pair in node.value if str(pair[0].value) == step), None)
            elif isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
                at = (node.value[step], node.value[step])
            else:
                at = None
            if at is None:
                return line
            line, node = at[0].start_mark.line + 1, at[1]
        return line

    def error(self, field: str, en: str, zh: str) -> BundleError:
        return BundleError(self.file, self.line_at(*field.split(".")), field, en, zh)

    def text(self, field: str) -> str | None:
        """The value if it is plain text."""
        value = self.values.get(field)
        return value if isinstance(value, str) else None

    def but(self, **values: Written) -> "Row":
        """The same row with these values."""
        return Row(self.file, self.line, {**self.values, **values}, self.node)

    def without(self, *fields: str) -> "Row":
        """The same row without these fields."""
        kept = {name: value for name, value in self.values.items() if name not in fields}
        return Row(self.file, self.line, kept, self.node)

    def row(self, key: str, errors: list[BundleError]) -> "Row | None":
        """The mapping under `key` as a row of its own; None when there is none."""
        node = self._child(key)
        if node is None or self.values.get(key) is None:
            return None
        values = self.values[key]
        if isinstance(values, dict):
            return Row(self.file, node.start_mark.line + 1, values, node)
        errors.append(self.error(key, "must be a mapping of fields", "应为字段的映射"))
        return None

    def rows(self, key: str, errors: list[BundleError], bare: str = "") -> "list[Row]":
        """The list under `key`; an item that is bare text stands for `{bare: text}`."""
        node, items = self._child(key), self.values.get(key)
        if node is None or items is None:
            return []
        if not isinstance(items, list):
            errors.append(self.error(key, "must be a list", "应为列表"))
            return []
        rows = []
        for item, at in zip(items, node.value, strict=True):
            line = at.start_mark.line + 1
            if isinstance(item, dict):
                rows.append(Row(self.file, line, item, at))
            elif bare and isinstance(item, str):
                rows.append(Row(self.file, line, {bare: item}))
            else:
                errors.append(BundleError(self.file, line, key, "must be a mapping of fields", "应为字段的映射"))
        return rows

    def _child(self, key: str) -> yaml.Node | None:
        pairs = self.node.value if isinstance(self.node, yaml.MappingNode) else []
        return next((value for name, value in pairs if str(name.value) == key), None)


def read_yaml(path: Path, errors: list[BundleError]) -> Row | None:
    """The one mapping that a YAML file holds; None, with the reasons in `errors`, when it holds something else."""
    text = read_text(path, errors)
    if text is None:
        return None
    try:
        if (line := _too_deep(text)) is not None:
            errors.append(
                BundleError(path.name, line, "", f"is nested deeper than {DEEPEST}", f"嵌套超过 {DEEPEST} 层")
            )
            return None
        node = yaml.compose(text, Loader=_YAML_LOADER)
    except yaml.MarkedYAMLError as broken:
        line, column = (at.line + 1, at.column + 1) if (at := broken.problem_mark) else (0, 0)
        en = f"is not YAML: {broken.problem} at column {column}"
        errors.append(BundleError(path.name, line, "", en, f"不是合法的 YAML：第 {line} 行第 {column} 列{_LOOK_AT}"))
        return None
    except yaml.reader.ReaderError as broken:
        # The position counts characters in one loader and bytes of UTF-8 in the other.
        in_utf8 = text.encode()[: broken.position].decode(errors="ignore")
        before = text[: broken.position] if broken.encoding == "unicode" else in_utf8
        line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
        en = f"is not YAML: {broken.reason} at column {column}"
        zh = f"不是合法的 YAML：第 {line} 行第 {column} 列是不可用的控制字符，请删去"
        errors.append(BundleError(path.name, line, "", en, zh))
        return None
    if not isinstance(node, yaml.MappingNode):
        errors.append(BundleError(path.name, 1, "", "must be a mapping of fields", "应为字段的映射"))
        return None
    values = _written(node, path.name, errors, set())
    return Row(path.name, 1, values if isinstance(values, dict) else {}, node)


def _too_deep(text: str) -> int | None:
    """The line where a file goes deeper than any bundle: composing it would end the process."""
    depth = 0
    for event in yaml.parse(text, Loader=_YAML_LOADER):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > DEEPEST:
            return event.start_mark.line + 1 if event.start_mark else 0
    return None


def read_csv(path: Path, columns: Collection[str], errors: list[BundleError]) -> list[Row]:
    """The rows of a CSV table whose header names some of `columns`; empty cells are not given, blank lines skipped."""
    text = read_text(path, errors)
    if text is None:
        return []
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    rows = []
    header: list[str] | None = None
    line = 1
    try:
        for cells in reader:
            start, line = line, reader.line_num + 1
            cells = [cell.strip() for cell in cells]
            if not any(cells):
                continue
            if header is None:
                header = cells
                errors.extend(_header_errors(path.name, start, header, columns))
            elif len(cells) != len(header):
                en = f"has {len(cells)} values for {len(header)} columns"
                errors.append(BundleError(path.name, start, "", en, f"有 {len(cells)} 个值，表头有 {len(header)} 列"))
            else:
                given = zip(header, cells, strict=True)
                rows.append(Row(path.name, start, {name: cell for name, cell in given if cell}))
    except csv.Error as broken:
        why = "单元格过长" if "limit" in str(broken) else "引号不成对"
        zh = f"不是合法的 CSV：从第 {line} 行起的一行{why}"
        errors.append(BundleError(path.name, line, "", f"is not CSV: {broken}", zh))
    return rows


def _header_errors(file: str, line: int, header: list[str], columns: Collection[str]) -> list[BundleError]:
    known = ", ".join(columns)
    unknown = [
        BundleError(file, line, name, f"is not a known column ({known})", f"不是已知的列（{known}）")
        for name in header
        if name not in columns
    ]
    twice = [name for name in dict.fromkeys(header) if header.count(name) > 1]
    return unknown + [BundleError(file, line, name, "is given twice", "重复出现") for name in twice]


def _written(node: yaml.Node, file: str, errors: list[BundleError], seen: set[int]) -> Written:
    line = node.start_mark.line + 1
    if id(node) in seen:
        # A file of a few lines could unfold to gigabytes, or to something without end.
        errors.append(
            BundleError(file, line, "", "aliases (*name) are not read: write it out", "不支持别名（*name），请写全")
        )
        return None
    seen.add(id(node))
    if isinstance(node, yaml.SequenceNode):
        return [_written(item, file, errors, seen) for item in node.value]
    if isinstance(node, yaml.MappingNode):
        values: dict[str, Written] = {}
        for key, value in node.value:
            name = str(key.value)
            if name in values:
                errors.append(BundleError(file, key.start_mark.line + 1, name, "is given twice", "重复出现"))
                continue
            values[name] = _written(value, file, errors, seen)
        return values
    if isinstance(node, yaml.ScalarNode) and node.style is None and node.value in ("", "~", "null"):
        return None
    return str(node.value)


def read_text(path: Path, errors: list[BundleError]) -> str | None:
    """What a file of a bundle holds; None, with the reason in `errors`, when it is no readable text."""
    try:
        found = path.stat()
        if not stat.S_ISREG(found.st_mode):
            errors.append(BundleError(path.name, 0, "", "is not a regular file", "不是普通文件"))
            return None
        if found.st_size > LARGEST:
            most = LARGEST // 1024**2
            errors.append(BundleError(path.name, 0, "", f"is larger than {most} MiB", f"超过 {most} MiB"))
            return None
        data = path.read_bytes()
    except OSError as broken:
        zh = _WHY_UNREAD.get(broken.errno or 0, "请检查文件与磁盘")
        errors.append(BundleError(path.name, 0, "", f"cannot be read: {broken.strerror}", f"无法读取：{zh}"))
        return None
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as broken:
        line = data.count(b"\n", 0, broken.start) + 1
        en, zh = _how_to_save(path, data)
        errors.append(BundleError(path.name, line, "", f"is not UTF-8; {en}", f"不是 UTF-8 编码；{zh}"))
        return None


def _how_to_save(path: Path, data: bytes) -> tuple[str, str]:
    if path.suffix == ".csv":
        return "in Excel, save it as CSV UTF-8", "在 Excel 中请另存为“CSV UTF-8”"
    for looks, encoding in (("UTF-16", "utf-16"), ("GB18030", "gb18030")):
        if encoding == "utf-16" and data[:2] not in (b"\xff\xfe", b"\xfe\xff"):
            continue
        with contextlib.suppress(UnicodeDecodeError):
            data.decode(encoding)
            return (
                f"it looks like {looks}: save it as UTF-8 in your editor",
                f"似为 {looks} 编码，请在编辑器中另存为 UTF-8",
            )
    return "save it as UTF-8 in your editor", "请在编辑器中另存为 UTF-8"
