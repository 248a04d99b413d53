"""A policy bundle read from the files people keep: one YAML file, or a directory of `district.yaml` and tables.

Tables are CSV whose columns are the fields of the models: `units.csv`, `departments.csv`, `kinds.csv`, `roster.csv`,
`absences.csv`, `signs.csv` (with the column `kind`); `signs.yaml` maps a kind's code to its signs, `calendar.yaml`
a year to the plan that was published for it. Every table may also stand in `district.yaml`. `areas.geojson` has the
ground of units.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from schemas.jurisdiction import Department, Tier, Unit
from schemas.places import KnownPlace, Neighbour
from schemas.policy import Calendar, Kind, Limits, PolicyBundle, ScaleRule, SeverityRule, Sign
from schemas.roster import Absence, Posting
from services.chassis.policy_areas import AREAS, Drawn, read_areas
from services.chassis.policy_calendar import check_reach, read_calendar
from services.chassis.policy_checks import Draft, M, Section, check
from services.chassis.policy_fields import validated
from services.chassis.policy_ground import check_areas
from services.chassis.policy_roster import check_roster
from services.chassis.policy_rows import BundleError, BundleErrors, Row, read_csv, read_yaml

__all__ = ["BundleError", "BundleErrors", "check_bundle", "read_bundle"]

_MAIN = "district.yaml"
_SIGNS = "signs.yaml"
_PLANS = "calendar.yaml"
_TABLES: Mapping[str, tuple[str, ...]] = {
    "units": tuple(Unit.model_fields),
    "departments": tuple(Department.model_fields),
    "places": tuple(KnownPlace.model_fields),
    "neighbours": tuple(Neighbour.model_fields),
    "kinds": tuple(name for name in Kind.model_fields if name != "signs"),
    "roster": tuple(Posting.model_fields),
    "absences": tuple(Absence.model_fields),
    "signs": ("kind", *Sign.model_fields),
}
_PLAIN = ("units", "departments", "places", "neighbours", "roster", "absences")
"""Tables whose rows are one model each."""
_BY_NAME: Mapping[str, str] = {"severities": "severity", "scale": "tier"}
"""Tables in the main file whose rows have a name each, and what that names."""
_OTHER_CATEGORY = "其他"


@dataclass(frozen=True)
class _Source:
    """Every row of every file, nothing of it interpreted."""

    main: Row
    tables: Mapping[str, list[Row]]
    limits: Row | None
    calendar: Row | None
    plans: Row | None = None
    areas: Sequence[Drawn] = ()


def read_bundle(path: Path) -> PolicyBundle:
    """The bundle at `path`. Raises BundleErrors with all that is wrong: first whatever keeps the files from being read
    as tables, then whatever is wrong in or between the rows."""
    errors: list[BundleError] = []
    source = _read_source(path, errors)
    if source is None or errors:
        raise BundleErrors(errors)
    bundle = _made(source, errors)
    if bundle is None or errors:
        raise BundleErrors(errors)
    return bundle


def check_bundle(bundle: PolicyBundle) -> PolicyBundle:
    """The same bundle, held to every rule that files are held to. Raises BundleErrors whose `file` is a JSON pointer
    to the row."""
    errors: list[BundleError] = []
    whole = bundle.model_dump(mode="json", exclude_none=True)
    tables = {name: _rows(f"/{name}", whole[name]) for name in ("ladder", *_PLAIN, "kinds")}
    tables["signs"] = [
        sign.but(kind=kind["code"])
        for number, kind in enumerate(whole["kinds"])
        for sign in _rows(f"/kinds/{number}/signs", kind.pop("signs"))
    ]
    for name, key in _BY_NAME.items():
        tables[name] = [Row(f"/{name}/{one}", 0, rule).but(**{key: one}) for one, rule in whole[name].items()]
    main = Row("", 0, whole)
    areas = [Drawn(area, f"/areas/{number}", "") for number, area in enumerate(bundle.areas)]
    limits, calendar = Row("/limits", 0, whole["limits"]), Row("/calendar", 0, whole["calendar"])
    source = _Source(main, tables, limits, calendar, areas=areas)
    made = _made(source, errors)
    if made is None or errors:
        raise BundleErrors(errors)
    return made


def _rows(pointer: str, items: list[dict[str, Any]]) -> list[Row]:
    return [Row(f"{pointer}/{number}", 0, item) for number, item in enumerate(items)]


def _read_source(path: Path, errors: list[BundleError]) -> _Source | None:
    main = read_yaml(path / _MAIN if path.is_dir() else path, errors)
    tables: dict[str, list[Row]] = {name: [] for name in ("ladder", *_TABLES, *_BY_NAME)}
    if main is not None:
        tables["ladder"] = main.rows("ladder", errors, bare="code")
        for name in (*_PLAIN, "kinds"):
            tables[name] = main.rows(name, errors)
        for kind in tables["kinds"]:
            signs = kind.rows("signs", errors, bare="words")
            tables["signs"] += [sign.but(kind=kind.text("code")) for sign in signs]
        if "areas" in main.values:
            errors.append(main.error("areas", f"stand in {AREAS} beside this file", f"应写在同一目录的 {AREAS} 中"))
        for name, key in _BY_NAME.items():
            if rules := main.row(name, errors):
                tables[name] = _rules(rules, key, errors)
    plans, areas = None, list[Drawn]()
    if path.is_dir():
        _add_tables(path, tables, errors)
        plans = read_yaml(path / _PLANS, errors) if (path / _PLANS).exists() else None
        areas = read_areas(path / AREAS, errors) if (path / AREAS).exists() else []
    if main is None:
        return None
    return _Source(main, tables, main.row("limits", errors), main.row("calendar", errors), plans, areas)


def _add_tables(directory: Path, tables: dict[str, list[Row]], errors: list[BundleError]) -> None:
    files = {f"{name}.csv": columns for name, columns in _TABLES.items()}
    for path in sorted(directory.iterdir()):
        if path.name in files:
            tables[path.stem] += read_csv(path, files[path.name], errors)
        elif path.name == _SIGNS:
            by_kind = read_yaml(path, errors)
            tables["signs"] += _signs_by_kind(by_kind, errors) if by_kind else []
        elif (
            path.suffix.lower() in (".csv", ".yaml", ".yml", ".geojson", ".json")
            and path.name not in (_MAIN, _PLANS, AREAS)
            and not path.name.startswith(".")
        ):
            known = ", ".join((_MAIN, *files, _SIGNS, _PLANS, AREAS))
            errors.append(
                BundleError(path.name, 0, "", f"is not read; known are {known}", f"不会被读取；已知的有 {known}")
            )


def _signs_by_kind(by_kind: Row, errors: list[BundleError]) -> list[Row]:
    return [sign.but(kind=code) for code in by_kind.values for sign in by_kind.rows(code, errors, bare="words")]


def _rules(by_name: Row, key: str, errors: list[BundleError]) -> list[Row]:
    rules = ((name, by_name.row(name, errors)) for name in by_name.values)
    return [rule.but(**{key: name}) for name, rule in rules if rule is not None]


def _made(source: _Source, errors: list[BundleError]) -> PolicyBundle | None:
    tables = source.tables
    signs = _section(Sign, tables["signs"], errors, beside="kind")
    draft = Draft(
        header=source.main,
        ladder=_section(Tier, tables["ladder"], errors),
        units=_section(Unit, tables["units"], errors),
        departments=_section(Department, tables["departments"], errors),
        places=_section(KnownPlace, tables["places"], errors),
        neighbours=_section(Neighbour, tables["neighbours"], errors),
        kinds=_kinds(tables["kinds"], signs, errors),
        signs=signs,
        severities=_section(SeverityRule, tables["severities"], errors, beside="severity"),
        scale=_section(ScaleRule, tables["scale"], errors, beside="tier"),
    )
    roster, absences = _section(Posting, tables["roster"], errors), _section(Absence, tables["absences"], errors)
    receivers = draft.units.every("code") | draft.departments.every("code")
    errors.extend((*check(draft), *check_roster(roster, absences, receivers)))
    units = {unit.code: unit for unit in draft.units.models}
    errors.extend(check_areas(source.areas, units, frozenset(one.code for one in draft.neighbours.models)))
    limits = validated(Limits, source.limits, errors) if source.limits else Limits()
    written = source.calendar or Row(source.main.file, 0)
    calendar = read_calendar(written, source.plans, errors) if source.calendar or source.plans else Calendar()
    if calendar:
        errors.extend(check_reach(calendar, draft.kinds.records, draft.severities.models))
    if any(section.rows and not section.records for section in (draft.ladder, draft.units, draft.kinds)):
        return None  # what is wrong with all its rows is said already
    return validated(
        PolicyBundle,
        source.main.without(*tables, "areas", "limits", "calendar"),
        errors,
        name_en=source.main.text("name") or "",
        ladder=draft.ladder.models,
        units=draft.units.models,
        departments=draft.departments.models,
        areas=tuple(one.area for one in source.areas),
        places=draft.places.models,
        neighbours=draft.neighbours.models,
        roster=roster.models,
        absences=absences.models,
        kinds=draft.kinds.models,
        severities={row.text("severity"): rule for row, rule in draft.severities.records},
        scale={row.text("tier"): rule for row, rule in draft.scale.records},
        limits=limits or Limits(),
        calendar=calendar or Calendar(),
    )


def _section(model: type[M], rows: list[Row], errors: list[BundleError], beside: str = "") -> Section[M]:
    """The rows as models; the field `beside` says what a row belongs to and is no part of it."""
    made = ((row, validated(model, row.without(beside), errors, **_names(model, row))) for row in rows)
    return Section(rows, [(row, record) for row, record in made if record is not None])


def _kinds(rows: list[Row], signs: Section[Sign], errors: list[BundleError]) -> Section[Kind]:
    by_kind: dict[str, list[Sign]] = {}
    for row, sign in signs.records:
        by_kind.setdefault(row.text("kind") or "", []).append(sign)
    records = []
    for row in rows:
        plain = row.without("signs")
        if (told := row.text("hand_off")) is not None:
            plain = plain.but(hand_off=[one.strip() for one in re.split("[;；]", told) if one.strip()])
        kind_signs = tuple(by_kind.get(row.text("code") or "", ()))
        kind = validated(Kind, plain, errors, **_names(Kind, row), signs=kind_signs)
        if kind is not None:
            records.append((row, kind))
    return Section(rows, records)


def _names(model: type[M], row: Row) -> dict[str, object]:
    """What a row may leave out because something sensible stands for it."""
    name = row.text("name") or row.text("code") or ""
    stand_ins = {"name": name, "name_en": name, "category": _OTHER_CATEGORY}
    fields = model.model_fields
    return {field: value for field, value in stand_ins.items() if field in fields and fields[field].is_required()}
