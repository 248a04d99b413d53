"""Whether words that speak for a kind are only said in passing: where it is, or who is greeted."""

from severity.clauses import Clauses
from severity.language import WORDS
from severity.signs import Found

_whereabouts = WORDS["whereabouts"].match


def where_meant(found: Found, clauses: Clauses) -> Found | None:
    """The sign where its words stand for the matter itself; None where they are everywhere said in passing."""
    for start, end in found.sign.spans(clauses.text):
        if end > clauses.greeting and not _whereabouts(clauses.text, end):
            return found if start == found.start else Found(found.sign, start, end)
    return None
