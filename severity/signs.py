"""Finding the signs of all kinds in a text at once."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from operator import add

from schemas.policy import Kind
from schemas.words import Severity
from severity.anchors import anchors
from severity.language import fold, fold_pattern

_REPEATS = 2
"""A word repeated more often than this says no more."""
_EACH_REPEAT = 0.25
_OCCURRENCES = 16
"""How many places of one raising sign are looked at."""


@dataclass(frozen=True, slots=True)
class CompiledSign:
    """One sign of one kind, ready to be looked for in folded text."""

    place: int
    """Where it stands among all signs of the policy: they are judged in this order."""
    kind: str
    number: int
    """1.. in the order of the kind's signs; names the sign where its words are no plain word."""
    words: str
    pattern: re.Pattern[str] | None
    weight: float
    raises: Severity | None

    @property
    def rule(self) -> str:
        """Which sign of which kind; never a word of the petition."""
        return f"{self.kind}:{self.words if self.pattern is None else self.number}"

    def spans(self, text: str) -> Iterator[tuple[int, int]]:
        """Where it stands, from the left."""
        if self.pattern is not None:
            for _, found in zip(range(_OCCURRENCES), self.pattern.finditer(text), strict=False):
                yield found.span()
            return
        at = text.find(self.words)
        for _ in range(_OCCURRENCES):
            if at < 0:
                return
            yield at, at + len(self.words)
            at = text.find(self.words, at + 1)

    def strength(self, text: str) -> float:
        """Its weight in a text that holds it."""
        if self.pattern is not None:
            return self.weight
        repeats, at = 0, text.find(self.words)
        while repeats < _REPEATS and (at := text.find(self.words, at + 1)) >= 0:
            repeats += 1
        return self.weight * (1 + _EACH_REPEAT * repeats)


@dataclass(frozen=True, slots=True)
class Found:
    """A sign in one field, where it stands first."""

    sign: CompiledSign
    start: int
    end: int


class SignIndex:
    """Signs by the first two characters of the words they cannot stand without."""

    def __init__(self, kinds: Iterable[Kind]) -> None:
        self._always: dict[int, CompiledSign] = {}
        by_key: dict[str, list[tuple[CompiledSign, list[frozenset[str]]]]] = {}
        for sign in _compiled(kinds):
            needs = ((sign.words,),) if sign.pattern is None else anchors(sign.pattern.pattern)
            keys = [frozenset(word[:2] for word in words) for words in needs]
            for key in keys[0] if keys else ():
                by_key.setdefault(key, []).append((sign, keys[1:]))
            if not keys:
                self._always[sign.place] = sign
        self._by_key = by_key
        others = (key for signs in by_key.values() for _, needs in signs for need in needs for key in need)
        self._keys = frozenset(chain(by_key, others))

    def find(self, text: str) -> list[Found]:
        """Every sign that the folded text holds, each once, in the order of the policy's signs."""
        keys = self._keys.intersection(chain(text, map(add, text, text[1:])))
        candidates = dict(self._always)
        for key in keys:
            for sign, needs in self._by_key.get(key, ()):
                if not any(map(keys.isdisjoint, needs)):
                    candidates[sign.place] = sign
        found = []
        for _, sign in sorted(candidates.items()):
            if sign.pattern is None:
                at = text.find(sign.words)
                if at >= 0:
                    found.append(Found(sign, at, at + len(sign.words)))
            elif match := sign.pattern.search(text):
                found.append(Found(sign, *match.span()))
        return found


def _compiled(kinds: Iterable[Kind]) -> Iterator[CompiledSign]:
    numbered = ((kind.code, number, sign) for kind in kinds for number, sign in enumerate(kind.signs, 1))
    for place, (kind, number, sign) in enumerate(numbered):
        yield CompiledSign(
            place=place,
            kind=kind,
            number=number,
            words=fold(sign.words),
            pattern=re.compile(fold_pattern(sign.words)) if sign.regex else None,
            weight=sign.weight,
            raises=Severity(sign.raises) if sign.raises else None,
        )
