"""Where clauses and sentences begin and end."""

import re
from bisect import bisect_left, bisect_right
from functools import cached_property

from severity.language import WORDS

CLAUSE_ENDS = re.compile(r"[，,;；：:…\s【】()（）\"“”。！？!?]|(?<!\d)\.|\.(?!\d)")
"""One code point that ends a clause."""
_SENTENCE_ENDS = frozenset("。！？!?…\n\r.")
_BEFORE, _AFTER = 40, 24
"""How far a clause reaches at most, in code points: writing without punctuation is one endless clause."""
_SENTENCE_BEFORE, _SENTENCE_AFTER = 160, 80


class Clauses:
    """A text cut into clauses. Spans are half-open, in code points."""

    def __init__(self, text: str) -> None:
        self.text = text

    @cached_property
    def _ends(self) -> list[int]:
        return [end.start() for end in CLAUSE_ENDS.finditer(self.text)]

    @cached_property
    def greeting(self) -> int:
        """Where the greeting of a letter ends, which names offices and names nothing else; 0 without one."""
        found = WORDS["greeting"].match(self.text)
        return found.end() if found else 0

    @cached_property
    def _sentence_ends(self) -> list[int]:
        return [at for at in self._ends if self.text[at] in _SENTENCE_ENDS]

    def clause(self, start: int, end: int) -> tuple[int, int]:
        """The clause around a span; around several when the span crosses them."""
        first, last = _around(self._ends, start, end, len(self.text))
        return max(first, start - _BEFORE), min(last, end + _AFTER)

    def sentence(self, start: int, end: int) -> tuple[int, int]:
        """The sentence around a span."""
        first, last = _around(self._sentence_ends, start, end, len(self.text))
        return max(first, start - _SENTENCE_BEFORE), min(last, end + _SENTENCE_AFTER)

    def preceding(self, start: int) -> int:
        """Where the clause begins that stands before the one that begins at `start`."""
        at = bisect_left(self._ends, start - 1)
        return self._ends[at - 1] + 1 if at else 0

    def following(self, end: int, clauses: int) -> int:
        """Where the clause ends that is so many clauses after the one that holds `end`."""
        at = bisect_left(self._ends, end) + clauses
        return min(self._ends[at] if at < len(self._ends) else len(self.text), end + clauses * _AFTER)


def _around(ends: list[int], start: int, end: int, length: int) -> tuple[int, int]:
    before = bisect_left(ends, start)
    after = bisect_right(ends, end - 1)
    return (ends[before - 1] + 1 if before else 0, ends[after] if after < len(ends) else length)
