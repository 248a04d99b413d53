"""Whatever the system says, the pages say it in both languages."""

import re
from pathlib import Path
from uuid import uuid4

import pytest

from schemas.deadlines import AT_THE_END, DeadlineState
from schemas.event import Event, EventRef, Recorded
from schemas.events import EVENT_TYPES
from schemas.events.intake import DuplicateLinked
from schemas.life import Life
from schemas.policy import Policy
from schemas.words import (
    Channel,
    Disposition,
    FloorName,
    LinkType,
    LocatedBy,
    Mode,
    Outcome,
    Result,
    ReturnReason,
    Severity,
    Status,
)
from services.chassis.policy_files import read_bundle
from services.console import frame, words
from services.console.labels import LABELS
from services.console.reader import Reader
from services.console.sentences import SENTENCES, sentence
from services.console.words import Lang, Text
from services.process import SERVICES
from severity.moods import _MOODS
from tests.console.conftest import DISTRICT
from tests.given import T0, dispatch
from tests.past import resolved
from tests.schemas.test_golden import golden

HAN = re.compile(r"[\u4e00-\u9fff]")
TEMPLATES = Path(frame.__file__).parent / "templates"
SOURCES = [*TEMPLATES.glob("*.html"), *TEMPLATES.parent.glob("*.py")]
EVENTS = [event_type.model_validate_json(golden(name)) for name, event_type in EVENT_TYPES.items()]
FAMILIES = {*AT_THE_END, "hand_off"}
ROUTING_RULES = {
    "assessed", "unassessed", "supplemented", "reassessed", "escalated", "reopened", "placed", "moved", "returned",
    "transferred", "unlinked", "policy",
}  # fmt: skip

SAID = {
    "statuses": (words.STATUSES, set(Status)),
    "links": (words.LINKS, set(LinkType)),
    "severities": (words.SEVERITIES, set(Severity)),
    "dispositions": (words.DISPOSITIONS, set(Disposition)),
    "channels": (words.CHANNELS, set(Channel)),
    "floors": (words.FLOORS, set(FloorName)),
    "modes": (words.MODES, set(Mode)),
    "what a place is known by": (words.LOCATED_BY, set(LocatedBy)),
    "outcomes": (words.OUTCOMES, set(Outcome)),
    "results": (words.RESULTS, set(Result)),
    "return reasons": (words.RETURN_REASONS, set(ReturnReason)),
    "deadline states": (words.DEADLINE_STATES, set(DeadlineState)),
    "deadlines": (words.DEADLINES, FAMILIES),
    "routing rules": (words.ROUTING_RULES, ROUTING_RULES),
    "services": (words.SERVICES, {service.name for service in SERVICES}),
    "moods": (words.MOODS, {name for name, _ in _MOODS}),
    "events": (words.EVENTS, set(EVENT_TYPES)),
}


def reader(lang: Lang) -> Reader:
    return Reader(lang, Policy(1, read_bundle(DISTRICT)), T0)


@pytest.mark.parametrize("vocabulary", SAID)
def test_every_word_has_its_words(vocabulary):
    texts, said = SAID[vocabulary]
    assert set(texts) == said
    assert not [word for word, text in texts.items() if not text.zh or not text.en or HAN.search(text.en)]


def test_the_statuses_offered_are_those_that_events_set():
    """An event that sets another one makes it offered, too."""
    reached = {Status.FILED.value}
    for event in EVENTS:
        life = Life(event.duplicate if isinstance(event, DuplicateLinked) else uuid4())
        life.hear(Recorded(EventRef(life.petition, 1), life.petition, 1, 0, 1, event, "test", "", None, T0))
        reached.add(life.status.value)
    for lang in Lang:
        assert {status for status, _ in reader(lang).statuses} == reached


def test_no_two_statuses_share_a_word():
    for lang in Lang:
        assert len({text.of(lang) for text in words.STATUSES.values()}) == len(Status)


def test_severity_and_deadlines_are_told_by_shapes_too():
    assert set(words.SEVERITY_SHAPES) == set(Severity)
    assert set(words.DEADLINE_MARKS) == set(DeadlineState)
    assert len(set(words.SEVERITY_SHAPES.values())) == len(Severity)
    assert len(set(words.DEADLINE_MARKS.values())) == len(DeadlineState)


def test_every_label_has_both_languages():
    assert not [name for name, text in LABELS.items() if not text.zh or not text.en]
    assert [name for name, text in LABELS.items() if HAN.search(text.en)] == ["switch"]


def test_every_label_is_used_and_every_used_one_exists():
    written = "\n".join(path.read_text(encoding="utf-8") for path in SOURCES if path.name != "labels.py")
    built = {"in_title", "in_text", "units", "departments"}  # their names are put together where they are used
    used = set(re.findall(r"\bt\('(\w+)'", written)) | set(re.findall(r"""\.t\(\s*["'](\w+)["']""", written))
    used |= set(re.findall(r"(?:choose|office)\('\w+', t\('(\w+)'\)", written))
    assert used - {"in_"} | built == set(LABELS)


def test_both_languages_are_filled_with_the_same_values():
    texts = [text for texts, _ in SAID.values() for text in texts.values()] + list(LABELS.values())
    assert not [text for text in texts if holes(text.zh) != holes(text.en)]


def holes(words: str) -> list[str]:
    return sorted(re.findall(r"\{(\w+)\}", words))


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: type(event).__name__)
def test_every_event_is_told_in_a_sentence(event):
    said = {lang: sentence(event, reader(lang)) for lang in Lang}
    assert HAN.search(said[Lang.ZH])
    assert said[Lang.EN]
    assert said[Lang.EN] != said[Lang.ZH]


@pytest.mark.parametrize(
    ("lang", "unit", "said"),
    [
        (Lang.ZH, "P", "试点区"),
        (Lang.EN, "P", "Pilot District"),
        (Lang.ZH, "P111", "东一社区第1网格"),
        (Lang.EN, "P11", "East One Community"),
    ],
)
def test_a_unit_whose_name_says_its_tier_is_not_told_twice(lang, unit, said):
    assert reader(lang).unit_with_tier(unit) == said


def test_there_is_no_sentence_for_what_cannot_happen():
    assert set(SENTENCES) == set(EVENT_TYPES.values())


def test_what_came_of_it_is_said_also_in_the_words_of_an_old_log():
    assert sentence(resolved(dispatch(3)), reader(Lang.EN)) == "round 1, with the result: done"
    old = resolved(dispatch(3)).model_copy(update={"result": "换了灯泡"})
    assert sentence(old, reader(Lang.ZH)) == "第 1 轮，结果：换了灯泡"


def test_an_event_of_a_later_release_is_no_trouble():
    class Rumoured(Event):
        pass

    assert sentence(Rumoured(at=T0), reader(Lang.ZH)) == ""
    assert reader(Lang.ZH).event("Rumoured") == "Rumoured"


def test_text_in_curly_brackets_is_only_text():
    assert Text("“{given}”", '"{given}"').of(Lang.ZH, given="{secret}") == "“{secret}”"


@pytest.mark.parametrize("lang", Lang)
def test_large_numbers_stand_in_groups_of_three_digits_and_names_of_things_do_not(lang: Lang):
    assert "12,345" in LABELS["behind"].of(lang, events=12_345, span="1 h")
    assert " 12345" in LABELS["dispatch_n"].of(lang, n="12345")
    assert (words.amount("1200"), words.amount("many")) == (1200, "many")
