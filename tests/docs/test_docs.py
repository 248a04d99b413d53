"""Nothing that a user can set, call, type or meet in an event is undocumented."""

import ast
import json
import re
from collections.abc import Iterator
from importlib.util import module_from_spec, spec_from_file_location
from types import ModuleType

import pytest
import yaml

from schemas.cloudevents import encode_dispatch
from schemas.deadlines import AT_THE_END, family_of
from schemas.dispatches import DISPATCH_EVENTS, DispatchIssued, DispatchReminded
from schemas.events import EVENT_TYPES
from schemas.events.escalation import DeadlineMissed
from schemas.jurisdiction import Department, Tier, Unit, UnitSort
from schemas.places import KnownPlace, Neighbour
from schemas.policy import Calendar, Kind, Limits, PolicyBundle, SeverityRule, Sign
from schemas.words import Channel, Clock, Contact, Disposition, FloorName, Mode, Outcome, Result, Severity, Status
from services.chassis.policy_files import read_bundle
from services.chassis.settings import Settings
from services.cli import app
from tests.architecture.tree import ROOT, SERVICES, is_made, parsed, shipped

READMES = ("README.md", "README.zh-CN.md")
BUNDLE_PAGE = "deploy/districts/README.md"


def _text(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


def _codes(page: str) -> set[str]:
    """Everything a page says in code type, with what stands before a placeholder such as `accept:<dispatch>`."""
    said = set(re.findall(r"`([^`\n]+)`", _text(page)))
    return said | {one.partition(":")[0] for one in said}


@pytest.fixture(scope="module")
def generator() -> ModuleType:
    """docs/generate.py, which is a script and no package's module."""
    spec = spec_from_file_location("docs_generate", ROOT / "docs" / "generate.py")
    assert spec
    assert spec.loader
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("page", ["settings.md", "events.md", "api.md", "kafka.md", "metrics.md"])
def test_generated_lists_are_fresh(generator, page):
    text = _text(f"docs/{page}")
    assert "<!-- list: " in text
    assert generator.renewed(text) == text, "run `.venv/bin/python docs/generate.py`"


def test_every_setting_is_listed_with_its_variable_and_says_what_it_means():
    assert {f"GRIDCASE_{name.upper()}" for name in Settings.model_fields} <= _codes("docs/settings.md")
    assert all(field.description for field in Settings.model_fields.values())


def test_every_problem_has_its_code_on_the_page_about_http():
    codes = {code for path in shipped() for node in ast.walk(parsed(path)) for code in _problem_codes(node)}
    assert {"not_found", "overloaded", "key_reused"} <= codes <= _codes("docs/api.md")


def _problem_codes(node: ast.AST) -> Iterator[str]:
    """The code in a call whose first arguments are a status of HTTP and a code."""
    match node:
        case ast.Call(args=[ast.Constant(value=int(status)), ast.Constant(value=str(code)), *_]) if 400 <= status < 600:
            yield code


def test_every_event_is_described():
    headings = set(re.findall(r"^### (\w+)$", _text("docs/events.md"), re.MULTILINE))
    assert set(EVENT_TYPES) <= headings


def test_the_example_for_departments_is_what_would_be_sent():
    said = re.findall(r"^```(?:json)?\n(.*?)^```", _text("docs/kafka.md"), re.MULTILINE | re.DOTALL)
    headers = dict(line.split(": ", 1) for line in said[0].splitlines())
    key, value, made = encode_dispatch(DispatchIssued.model_validate_json(said[1]), headers["ce_storeepoch"])
    assert {name: held.decode() for name, held in made} == headers
    assert (key, json.loads(value)) == (b"SA-CG", json.loads(said[1]))


@pytest.mark.parametrize("page", READMES)
def test_every_command_of_the_command_line_is_in_the_readme(page):
    listed = set(re.findall(r"^\| `gridcase ([\w-]+)", _text(page), re.MULTILINE))
    assert listed == {command.name for command in (*app.registered_commands, *app.registered_groups)}


def test_both_readmes_show_the_same_commands():
    shown = [re.findall(r"^ *```sh\n(.*?)```", _text(page), re.MULTILINE | re.DOTALL) for page in READMES]
    english, chinese = ([re.sub(r" *#.*", "", block).replace("your-", "") for block in blocks] for blocks in shown)
    assert english == chinese


@pytest.mark.parametrize("page", READMES)
def test_a_folder_that_the_readme_makes_is_no_part_of_the_project(page):
    made = set(re.findall(r"^ *cp -r \S+ (\S+)$|\bDATA=([\w-]+)\b(?!/)", _text(page), re.MULTILINE))
    assert {folder for names in made for folder in names if folder} == {"my-district", "shiqiao"}
    assert all(is_made(folder) for names in made for folder in names if folder)


def test_the_glossary_has_every_word_of_the_closed_vocabularies():
    vocabularies = (Channel, Clock, Contact, Disposition, FloorName, Mode, Outcome, Result, Severity, Status, UnitSort)
    words = {word.value for vocabulary in vocabularies for word in vocabulary}
    assert words | set(AT_THE_END) | {"hand_off"} | set(EVENT_TYPES) <= _codes("docs/glossary.md")
    assert {event.__name__ for event in DISPATCH_EVENTS} <= _codes("docs/glossary.md")


def test_whoever_hears_of_a_deadline_can_look_up_every_name_that_it_can_have():
    reminded_of = {"accept", "resolve", "report_in", "supervise"}
    for event, names in ((DeadlineMissed, {*AT_THE_END, "hand_off"}), (DispatchReminded, reminded_of)):
        page = "docs/kafka.md" if event is DispatchReminded else "docs/events.md"
        [row] = re.findall(rf"^### {event.__name__}$.*?^\| `deadline` \|([^\n]*)$", _text(page), re.M | re.S)
        assert {family_of(name) for name in re.findall("`([^`]+)`", row)} == names


def test_the_glossary_has_every_command_of_the_contract():
    commands = set(re.findall(r"`/v1/petitions/\{petition\}/([\w-]+)`", _text("docs/api.md"))) - {"timeline", "explain"}
    assert {"accept", "resolve", "feedback"} <= commands <= _codes("docs/glossary.md")


def test_the_page_on_districts_has_every_field():
    models = (Tier, Unit, Department, KnownPlace, Neighbour, Sign, SeverityRule, Limits, Calendar)
    fields = {name for model in models for name in model.model_fields} | set(PolicyBundle.model_fields)
    fields |= set(Kind.model_fields) - {"signs"}
    tables = {"units", "departments", "places", "neighbours", "areas", "kinds", "signs"}
    assert fields - tables <= _codes(BUNDLE_PAGE) | {"country"}


def test_the_smallest_district_on_the_page_is_sound(tmp_path):
    (example,) = re.findall(r"```yaml\n(.*?)```", _text(BUNDLE_PAGE), re.DOTALL)
    (tmp_path / "district.yaml").write_text(example, encoding="utf-8")
    bundle = read_bundle(tmp_path)
    assert [unit.code for unit in bundle.units] == ["SQ", "SQ01"]
    assert yaml.safe_load(example)["name"] == bundle.name


@pytest.mark.parametrize("service", SERVICES)
def test_a_services_page_names_its_files_and_its_events(service):
    page = _text(f"{service}/README.md")
    files = {
        path.name for path in (ROOT / service).iterdir() if path.is_file() and not path.name.startswith(("_", "."))
    }
    named = set(re.findall(r"`(\w+\.(?:py|yaml|txt))`", page))
    assert files - {"README.md"} <= named
    assert {name for name, event in EVENT_TYPES.items() if event.owner == service} <= _codes(f"{service}/README.md")
    assert len(page.splitlines()) <= 40
