"""What the words of one petition say, before anything is decided."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, NamedTuple

from schemas.events.severity import Reason
from schemas.words import Severity
from severity.clauses import Clauses
from severity.language import fold
from severity.moods import BRIEF, Scene, why_not_now
from severity.passing import where_meant
from severity.signs import CompiledSign, Found, SignIndex

Field = Literal["title", "text"]

TITLE_WEIGHT = 2.0
"""A title says what the matter is; a text says much else besides."""
NOT_NOW_WEIGHT = 0.25
"""What is left of an emergency's sign that is past, feared, denied: feared fire is no fire."""
PASSING_WEIGHT = 0.25
"""What is left of words that only say where it is or whom the letter greets."""


class Said(NamedTuple):
    """A sign that was found, and how much it counts."""

    found: Found
    field: Field
    weight: float
    raises: Severity | None = None
    """How grave it makes the matter: None unless it is said to happen now."""
    mood: str | None = None
    """What keeps an emergency's sign from being a present one."""

    def begun_at(self, start: int) -> "Said":
        """The same where its words begin in the whole text."""
        found = self.found
        return self._replace(found=Found(found.sign, found.start + start, found.end + start)) if start else self

    @property
    def reason(self) -> Reason:
        sign = self.found.sign
        rule = f"{sign.kind}:not_now:{self.mood}" if self.mood else f"{sign.rule}:now" if self.raises else sign.rule
        return Reason(rule=rule, field=self.field, start=self.found.start, end=self.found.end)


@dataclass(frozen=True)
class Evidence:
    """All signs of a petition, in the order they were found. `scores`: weight by kind."""

    said: Sequence[Said]
    scores: Mapping[str, float]

    @cached_property
    def emergencies(self) -> Mapping[str, float]:
        """The kinds of which something critical is said to happen now, with the weight of it."""
        found: dict[str, float] = defaultdict(float)
        for one in self.said:
            if one.raises is Severity.CRITICAL:
                found[one.found.sign.kind] += one.weight
        return found

    @property
    def titled(self) -> Mapping[str, float]:
        """The kinds that the title speaks for, with the weight of it."""
        found: dict[str, float] = defaultdict(float)
        for one in self.said:
            if one.field == "title":
                found[one.found.sign.kind] += one.weight
        return found


class Passage(NamedTuple):
    """Words that were added to the text; `start` is where they begin in the whole of it."""

    start: int
    words: str


def gather(index: SignIndex, title: str, text: str, added: Sequence[Passage] = ()) -> Evidence:
    """Look for every sign in title, text and what was added. Words are data here, whatever they ask for."""
    brief = len(title) + len(text) + sum(len(one.words) for one in added) <= BRIEF
    said: list[Said] = []
    scores: dict[str, float] = defaultdict(float)
    proved: set[str] = set()
    fields: list[tuple[Field, int, str, float]] = [("title", 0, title, TITLE_WEIGHT), ("text", 0, text, 1.0)]
    for field, begins, words, factor in (*fields, *(("text", one.start, one.words, 1.0) for one in added)):
        folded = fold(words)
        clauses = Clauses(folded)
        for found in index.find(folded):
            weight = factor * found.sign.strength(folded)
            one = Said(found, field, weight)
            if found.sign.raises and found.sign.kind not in proved:
                one = _judged(one, clauses, brief=brief)
                if one.raises is Severity.CRITICAL:
                    proved.add(found.sign.kind)  # one proof is enough
            elif found.sign.in_passing:
                meant = where_meant(found, clauses)
                if meant is not found:
                    one = Said(meant, field, weight) if meant else Said(found, field, weight * PASSING_WEIGHT)
            said.append(one.begun_at(begins))
            scores[found.sign.kind] += one.weight
    return Evidence(said, scores)


def _judged(one: Said, clauses: Clauses, *, brief: bool) -> Said:
    """The sign where it is said to happen now, else where it stands first and with what that leaves of it."""
    sign: CompiledSign = one.found.sign
    first: str | None = None
    for start, end in sign.spans(clauses.text):
        mood = why_not_now(Scene(clauses, start, end, brief=brief))
        if mood is None:
            return one._replace(found=Found(sign, start, end), raises=sign.raises)
        first = first or mood
    if sign.raises is Severity.CRITICAL:
        return one._replace(weight=one.weight * NOT_NOW_WEIGHT, mood=first)
    return one
