"""Where clauses and sentences begin and end."""

import re
from bisect import bisect_left, bisect_right
from functools import cached_property

_ENDS = re.compile(r"[，,;；：:…\s【】()（）\"“”。！？!?]|(?<!\d)\.|\.(?!\d)")
_SENTENCE_ENDS = frozenset("。！？!?…\n\r.")
_BEFORE, _AFTER = 40, 24
"""How far a clause reaches at most, in code points: writing without punctuation is one endless clause."""


class Clauses:
    """A text cut into clauses. Spans are half-open, in code points."""

    def __init__(self, text: str) -> None:
        self.text = text

    @cached_property
    def _ends(self) -> list[int]:
        return [end.start() for end in _ENDS.finditer(self.text)]

    @cached_property
    def _sentence_ends(self) -> list[int]:
        return [at for at in self._ends if self.text[at] in _SENTENCE_ENDS]

    def clause(self, start: int, end: int) -> tuple[int, int]:
        """The clause around a span; around several when the span crosses them."""
        first, last = _around(self._ends, start, end, len(self.text))
        return max(first, start - _BEFORE), min(last, end + _AFTER)

    def sentence(self, start: int, end: int) -> tuple[int, int]:
        """The sentence around a span."""
        return _around(self._sentence_ends, start, end, len(self.text))

    def following(self, end: int, clauses: int) -> int:
        """Where the clause ends that is so many clauses after the one that holds `end`."""
        at = bisect_left(self._ends, end) + clauses
        return self._ends[at] if at < len(self._ends) else len(self.text)


def _around(ends: list[int], start: int, end: int, length: int) -> tuple[int, int]:
    before = bisect_left(ends, start)
    after = bisect_right(ends, end - 1)
    return (ends[before - 1] + 1 if before else 0, ends[after] if after < len(ends) else length)
