"""Whether the words of a resolution say anything: empty and stock ones are refused before they count."""

import unicodedata
from collections.abc import Iterable


def says_nothing(text: str) -> bool:
    """Whether no letter and no digit stands in it, as in `……` or spaces."""
    return not _bare(text)


def says_only(text: str, phrases: Iterable[str]) -> bool:
    """Whether nothing is left of it without the phrases; letter case, width and punctuation do not matter."""
    left = _bare(text)
    for phrase in sorted((_bare(one) for one in phrases), key=len, reverse=True):
        left = left.replace(phrase, "")
    return not left


def _bare(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(one for one in folded if one.isalnum())
