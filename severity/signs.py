"""Finding the signs of all kinds in a text at once."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from operator import add

from schemas.policy import Kind
from schemas.words import Severity
from severity.anchors import anchors
from severity.language import fold, fold_pattern

_REPEATS = 3
"""A word said more often than this says no more."""
_EACH_REPEAT = 0.25
_OCCURRENCES = 24
"""How many places of one raising sign are looked at."""


@dataclass(frozen=True, slots=True)
class CompiledSign:
    """One sign of one kind, ready to be looked for in folded text."""

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
        return self.weight * (1 + _EACH_REPEAT * (min(text.count(self.words), _REPEATS) - 1))


@dataclass(frozen=True, slots=True)
class Found:
    """A sign in one field, where it stands first."""

    sign: CompiledSign
    start: int
    end: int


class SignIndex:
    """Signs by the first two characters of the words they cannot stand without."""

    def __init__(self, kinds: Iterable[Kind]) -> None:
        self._always: list[CompiledSign] = []
        by_key: dict[str, list[CompiledSign]] = {}
        for sign in _compiled(kinds):
            words = (sign.words,) if sign.pattern is None else anchors(sign.pattern.pattern)
            for key in {word[:2] for word in words}:
                by_key.setdefault(key, []).append(sign)
            if not words:
                self._always.append(sign)
        self._by_key: Mapping[str, list[CompiledSign]] = by_key
        self._keys = frozenset(by_key)

    def find(self, text: str) -> list[Found]:
        """Every sign that the folded text holds, each once, in the order of the policy's signs."""
        keys = self._keys.intersection(chain(text, map(add, text, text[1:])))
        candidates = {id(sign): sign for key in keys for sign in self._by_key[key]}
        found = []
        for sign in (*candidates.values(), *self._always):
            if sign.pattern is None:
                at = text.find(sign.words)
                if at >= 0:
                    found.append(Found(sign, at, at + len(sign.words)))
            elif match := sign.pattern.search(text):
                found.append(Found(sign, *match.span()))
        return found


def _compiled(kinds: Iterable[Kind]) -> Iterator[CompiledSign]:
    for kind in kinds:
        for number, sign in enumerate(kind.signs, 1):
            yield CompiledSign(
                kind=kind.code,
                number=number,
                words=fold(sign.words),
                pattern=re.compile(fold_pattern(sign.words)) if sign.regex else None,
                weight=sign.weight,
                raises=Severity(sign.raises) if sign.raises else None,
            )
