"""Finding the signs of all kinds in a text at once."""

from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, islice
from typing import Any, NamedTuple

from schemas.policy import Kind
from schemas.words import Severity
from services.chassis.sign_patterns import SECONDS, SignPattern, pattern_of
from severity.anchors import anchors, ways
from severity.language import fold

_REPEATS = 2
"""A word repeated more often than this says no more."""
_EACH_REPEAT = 0.25
_OCCURRENCES = 16
"""How many places of one raising sign are looked at."""
_UNITS = "utf-16-le"
_MOST_WAYS = 10_000
"""An expression that can try no more than these at one place is done with any text in a second."""


class SlowSign(Exception):
    """An expression could not be looked for in this text in time; `rule` says which."""

    def __init__(self, rule: str) -> None:
        super().__init__(rule)
        self.rule = rule


@dataclass(frozen=True, slots=True)
class CompiledSign:
    """One sign of one kind, ready to be looked for in folded text."""

    place: int
    """Where it stands among all signs of the policy: they are judged in this order."""
    kind: str
    number: int
    """1.. in the order of the kind's signs; names the sign where its words are no plain word."""
    words: str
    pattern: SignPattern | None
    slow: bool
    """Whether it could try so many ways that it is looked for by the clock."""
    weight: float
    raises: Severity | None
    in_passing: bool
    """Whether it may be said in passing: never a sign of what is urgent or graver in itself."""

    @property
    def rule(self) -> str:
        """Which sign of which kind; never a word of the petition."""
        return f"{self.kind}:{self.words if self.pattern is None else self.number}"

    def first(self, text: str) -> tuple[int, int] | None:
        """Where it stands first; raises SlowSign."""
        if self.pattern is None:
            at = text.find(self.words)
            return (at, at + len(self.words)) if at >= 0 else None
        match = next(self._matches(text), None) if self.slow else self.pattern.quick.search(text)
        return match.span() if match else None

    def spans(self, text: str) -> Iterator[tuple[int, int]]:
        """Where it stands, from the left; raises SlowSign."""
        if self.pattern is not None:
            yield from (match.span() for match in islice(self._matches(text), _OCCURRENCES))
            return
        at = text.find(self.words)
        for _ in range(_OCCURRENCES):
            if at < 0:
                return
            yield at, at + len(self.words)
            at = text.find(self.words, at + 1)

    def _matches(self, text: str) -> Iterator[Any]:
        assert self.pattern is not None
        if not self.slow:
            yield from self.pattern.quick.finditer(text)
            return
        try:
            yield from self.pattern.timed.finditer(text, timeout=SECONDS)
        except TimeoutError:
            raise SlowSign(self.rule) from None

    def strength(self, text: str) -> float:
        """Its weight in a text that holds it."""
        if self.pattern is not None:
            return self.weight
        repeats, at = 0, text.find(self.words)
        while repeats < _REPEATS and (at := text.find(self.words, at + 1)) >= 0:
            repeats += 1
        return self.weight * (1 + _EACH_REPEAT * repeats)


class Found(NamedTuple):
    """A sign in one field, where it stands first."""

    sign: CompiledSign
    start: int
    end: int


class SignIndex:
    """Signs by the first two characters of the words they cannot stand without."""

    def __init__(self, kinds: Iterable[Kind]) -> None:
        self._always: dict[int, CompiledSign] = {}
        by_key: dict[int, list[tuple[CompiledSign, list[frozenset[int]]]]] = {}
        for sign in _compiled(kinds):
            needs = ((sign.words,),) if sign.pattern is None else anchors(sign.pattern.quick.pattern)
            keys = [frozenset(_key(word) for word in words) for words in needs]
            for key in keys[0] if keys else ():
                by_key.setdefault(key, []).append((sign, keys[1:]))
            if not keys:
                self._always[sign.place] = sign
        self._by_key = by_key
        others = (key for signs in by_key.values() for _, needs in signs for need in needs for key in need)
        self._keys = frozenset(chain(by_key, others))

    def find(self, text: str) -> list[Found]:
        """Every sign that the folded text holds, each once, in the order of the policy's signs; raises SlowSign."""
        keys = self._keys.intersection(_keys(text))
        candidates = dict(self._always)
        for key in keys:
            for sign, needs in self._by_key.get(key, ()):
                if not needs or not any(map(keys.isdisjoint, needs)):
                    candidates[sign.place] = sign
        found = []
        for _, sign in sorted(candidates.items()):
            if (span := sign.first(text)) is not None:
                found.append(Found(sign, *span))
        return found


def _key(word: str) -> int:
    """The first two characters of a word, or its only one, as a number: looked up faster than text is cut."""
    units = word[:2].encode(_UNITS, "surrogatepass")[:4]
    return array("I" if len(units) == 4 else "H", units)[0]


def _keys(text: str) -> Iterable[int]:
    """Every character of a text and every two that stand together, as `_key` has them."""
    units = text.encode(_UNITS, "surrogatepass")
    odd = len(units) % 4
    from_first, from_second = units[: len(units) - odd], units[2 : len(units) + odd - 2]
    return chain(array("H", units), array("I", from_first), array("I", from_second))


def _compiled(kinds: Iterable[Kind]) -> Iterator[CompiledSign]:
    numbered = ((kind, number, sign) for kind in kinds for number, sign in enumerate(kind.signs, 1))
    for place, (kind, number, sign) in enumerate(numbered):
        pattern = pattern_of(sign.words) if sign.regex else None
        yield CompiledSign(
            place=place,
            kind=kind.code,
            number=number,
            words=fold(sign.words),
            pattern=pattern,
            slow=pattern is not None and ways(pattern.quick.pattern) > _MOST_WAYS,
            weight=sign.weight,
            raises=Severity(sign.raises) if sign.raises else None,
            in_passing=pattern is None and not sign.raises and kind.severity is Severity.ROUTINE,
        )
