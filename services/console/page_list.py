"""The list page: filters from the URL, made canonical, and what the list says to them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode
from uuid import UUID

from fastapi import Request
from pydantic import ValidationError

from schemas.event import AnyRecorded
from schemas.events.intake import PetitionFiled
from schemas.jurisdiction import Department, Unit
from schemas.policy import Policy
from services.chassis.log import Log
from services.chassis.problems import ProblemRaised
from services.chassis.sealing import PetitionKey, Unsealable
from services.chassis.settings import Settings
from services.console.listing import ListAnswer, ListItem, ListQuery
from services.console.marks import Mark, marks
from services.console.moments import span
from services.console.reader import Reader
from services.console.sample import sample_curl

FILTERS = (
    *("q", "status", "unfinished", "severity", "tier", "kind", "unit", "within", "department", "overdue"),
    *("limit", "cursor"),
)
OFFICES = ("unit", "within", "department")
"""The filters that name a unit or a department."""
MOST_SUGGESTED = 20
BEGINNING = 30
"""Code points of its text that stand for a title where there is none."""

Office = Unit | Department


@dataclass(frozen=True)
class Choice:
    """A name that fits no unit or department, or several; each of `offices` comes with the URL that means it. `what`
    is the label of what was looked for."""

    what: str
    given: str
    count: int
    offices: list[tuple[str, Office]]


@dataclass(frozen=True)
class Asked:
    """What the URL asks for; not `as_written` when that holds empty filters or a name for a code."""

    given: Mapping[str, str]
    query: ListQuery
    choices: list[Choice]
    as_written: bool

    @property
    def url(self) -> str:
        return list_url(self.given)

    @property
    def undecided(self) -> bool:
        """Whether a name means several, so that there is no list yet."""
        return any(choice.offices for choice in self.choices)

    def with_cursor(self, cursor: str | None) -> str:
        """The URL of another page of the same list."""
        kept = {name: value for name, value in self.given.items() if name != "cursor"}
        return list_url({**kept, "cursor": cursor} if cursor else kept)


def list_url(given: Mapping[str, str]) -> str:
    """The list with these filters."""
    return f"/?{urlencode(given)}" if given else "/"


def list_before(request: Request) -> str:
    """The list that a petition's page was opened from, by what the list's link says; only filters are taken over."""
    given = parse_qsl(request.query_params.get("list", ""))
    return list_url({name: value for name, value in given if name in FILTERS})


def ask(request: Request, policy: Policy) -> Asked:
    """The filters of a request; raises a problem for values that no list can have."""
    written = [(name, value) for name, value in request.query_params.multi_items() if name in FILTERS]
    given = {name: value.strip() for name, value in written if value.strip()}
    choices = []
    for name in OFFICES:
        if name in given:
            found = fitting(policy, name, given[name])
            if len(found) == 1:
                given[name] = found[0].code
            else:
                choices.append(_choice(name, given, found))
    try:
        query = ListQuery.model_validate(given)
    except ValidationError as error:
        names = ", ".join(sorted({str(one["loc"][0]) for one in error.errors()}))
        raise ProblemRaised(
            422,
            "invalid",
            f"These filters have values that no list can have: {names}.",
            f"筛选条件的取值无效：{names}。",
        ) from None
    return Asked(given, query, choices, as_written=written == list(given.items()))


def _choice(name: str, given: Mapping[str, str], found: list[Office]) -> Choice:
    offices = [(list_url({**given, name: office.code}), office) for office in found[:MOST_SUGGESTED]]
    return Choice("departments" if name == "department" else "units", given[name], len(found), offices)


def fitting(policy: Policy, name: str, words: str) -> list[Office]:
    """The units or departments meant by a code or by a part of a name; exactly one when the words are its own."""
    units, departments = policy.jurisdiction.units, policy.jurisdiction.departments
    table: Mapping[str, Office] = departments if name == "department" else units
    if words in table:
        return [table[words]]
    same = [office for office in table.values() if words in (office.name, office.name_en)]
    return same if len(same) == 1 else list(_containing(table.values(), words))


def _containing(offices: Iterable[Office], words: str) -> Iterable[Office]:
    wanted = words.casefold()
    for office in offices:
        if any(wanted in name.casefold() for name in (office.code, office.name, office.name_en or "")):
            yield office


def list_content(
    asked: Asked, answer: ListAnswer | None, beginnings: Mapping[UUID, str], request: Request, reader: Reader
) -> dict[str, Any]:
    """What the template of the list needs; no `answer` while a name means several."""
    items = answer.items if answer else []
    behind = None
    if answer and answer.behind.events:
        behind = reader.t("behind", events=answer.behind.events, span=span(answer.behind.seconds, reader.lang))
    return {
        "asked": asked,
        "given": asked.given,
        "items": items,
        "beginnings": beginnings,
        "marks": {item.id: _marks(item, reader) for item in items},
        "back": "?" + urlencode({"list": urlencode(asked.given)}) if asked.given else "",
        "behind": behind,
        "shown": _shown(answer, reader) if answer else "",
        "following": asked.with_cursor(answer.next) if answer and answer.next else None,
        "first": asked.with_cursor(None) if asked.query.cursor else None,
        "refresh": asked.url if not asked.query.cursor and not asked.undecided else None,
        "kinds": _kinds_by_category(reader.policy),
        "curl": None if items or asked.given else _curl(request, reader.policy),
    }


def _shown(answer: ListAnswer, reader: Reader) -> str:
    n = len(answer.items)
    return reader.t("shown", n=n) if answer.total is None else reader.t("shown_of", n=n, total=answer.total)


def _marks(item: ListItem, reader: Reader) -> list[Mark]:
    """Without `overdue`, which stands beside the due time."""
    return marks(
        reader,
        to_place=item.to_place,
        round=item.round,
        escalated=item.escalated,
        supervised=item.supervised,
        overdue=False,
    )


async def beginnings_of(items: Sequence[ListItem], log: Log) -> dict[UUID, str]:
    """How the text of each petition without a title begins, opened in memory for this page only."""
    untitled = [item.id for item in items if not (item.title or "").strip()]
    if not untitled:
        return {}
    keys, streams = await log.keyring.get(untitled), await log.load(untitled)
    texts = {petition: _text(streams[petition][0], keys.get(petition)) for petition in untitled}
    return {petition: beginning(text) for petition, text in texts.items() if text.strip()}


def _text(filed: AnyRecorded, key: PetitionKey | None) -> str:
    """Empty for words that were erased or do not open."""
    if key is None or not isinstance(filed.event, PetitionFiled):
        return ""
    try:
        return str(key.open(filed, "text") or "")
    except Unsealable:
        return ""


def beginning(text: str) -> str:
    """The first words of a text, which stand for a title where there is none."""
    words = " ".join(text.split())
    return words if len(words) <= BEGINNING else f"{words[:BEGINNING]}…"


def _kinds_by_category(policy: Policy) -> dict[str, list[str]]:
    categories: dict[str, list[str]] = {}
    for kind in policy.kinds.values():
        categories.setdefault(kind.category, []).append(kind.code)
    return categories


def _curl(request: Request, policy: Policy) -> str:
    settings: Settings = request.app.state.settings
    return sample_curl(policy, str(request.base_url).rstrip("/"), asks_for_key=settings.key is not None)
