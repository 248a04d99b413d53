"""Whether the words of a resolution say anything: empty and stock ones are refused before they count."""

import unicodedata
from collections.abc import Iterable
from functools import lru_cache

from services.chassis.sign_patterns import WRITING

_WORDS = {"Lo", "Ll", "Lu", "Lt"}
_FILLERS = "\u115f\u1160\u3164\uffa0"
"""Unicode counts them as letters, and there is nothing to see."""


def says_nothing(text: str) -> bool:
    """Whether no letter stands in it, as in `……`, spaces or a number alone."""
    return not _letters(text)


def says_only(text: str, phrases: Iterable[str]) -> bool:
    """Whether each of its letters belongs to one of the phrases, which may overlap; letter case, width, traditional
    writing, spaces, digits and punctuation do not matter."""
    said = _letters(text)
    covered = [False] * len(said)
    for phrase in map(_letters_of_phrase, phrases):
        start = said.find(phrase)
        while phrase and start >= 0:
            covered[start : start + len(phrase)] = [True] * len(phrase)
            start = said.find(phrase, start + 1)
    return all(covered)


@lru_cache(maxsize=1_024)
def _letters_of_phrase(phrase: str) -> str:
    """A policy's phrases are few, and each report is held against all of them. What people write is never kept."""
    return _letters(phrase)


def _letters(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text).casefold().translate(WRITING)
    return "".join(one for one in folded if unicodedata.category(one) in _WORDS and one not in _FILLERS)
