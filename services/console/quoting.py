"""Which words of a petition its reading rests on, and where they stand."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple
from uuid import UUID

from schemas.events.severity import Reason
from services.console.reader import Reader
from services.console.words import MOODS, Text, known

WORDLESS = Text("标题和正文里没有文字", "there is no word in title or text")
FILED_KIND = Text("登记人选定的类别", "the kind that the filer chose")
ROUTED_AS_CRITICAL = Text(
    "没有按时研判，已按特急派单；只有人可以下调",
    "it was not read in time and was routed as critical; only a person lowers that",
)
ABOUT_THE_TOP = Text(
    "反映的是本辖区最高一级单位{unit}", "it complains about {unit}, above which nobody stands in this jurisdiction"
)
WHOLE = Text(
    "原单 {petition} 的补充读来更紧急，可能与本件有关，请人判断",
    "what was added to {petition}, of which it is a part, is graver and may be about it; a person has to say",
)
OUTSIDE = Text("地点在邻区{neighbour}", "it lies in the neighbouring {neighbour}")
SIGN = Text("“{kind}”的识别词", 'a sign of "{kind}"')
NOW = Text("“{kind}”的识别词，说的是眼下正在发生", 'a sign of "{kind}", said to happen now')
NOT_NOW = Text(
    "“{kind}”的识别词；这里{mood}，不当作正在发生", 'a sign of "{kind}", but {mood}: not taken as happening now'
)


class Quote(NamedTuple):
    """Words of the petition; `number` marks them there, `field` is `title` or `text`."""

    number: int
    field: str
    words: str


class Ground(NamedTuple):
    """One rule that spoke, and the words it spoke of, if any."""

    said: str
    quotes: list[Quote]


@dataclass(frozen=True)
class Piece:
    """A stretch of words; `numbers` are the grounds that rest on it."""

    words: str
    numbers: tuple[int, ...] = ()


def grounds(reasons: Sequence[Reason], title: str, text: str, reader: Reader) -> list[Ground]:
    """The reasons in words, those of one rule together, their quotes numbered as `marked` numbers them."""
    said: dict[str, list[Quote]] = {}
    numbers = _numbers(reasons)
    for reason in reasons:
        quotes = said.setdefault(_said(reason.rule, reader), [])
        if number := numbers.get(_span(reason)):
            field = title if reason.field == "title" else text
            quote = Quote(number, reason.field, field[reason.start : reason.end])
            quotes += [quote] if quote not in quotes else []
    return [Ground(rule, quotes) for rule, quotes in said.items()]


def _said(rule: str, reader: Reader) -> str:
    if rule == "wordless":
        return reader.of(WORDLESS)
    if rule == "filed_kind":
        return reader.of(FILED_KIND)
    if rule == "routed_as_critical":
        return reader.of(ROUTED_AS_CRITICAL)
    kind, _, sign = rule.partition(":")
    if not sign:
        return rule
    if kind == "about_the_top":
        return reader.of(ABOUT_THE_TOP, unit=reader.unit(sign))
    if kind == "whole":
        return reader.of(WHOLE, petition=reader.petition(UUID(sign)))
    if kind == "outside":
        return reader.of(OUTSIDE, neighbour=reader.neighbour(sign))
    if rule.endswith(":now"):
        return reader.of(NOW, kind=reader.kind(kind))
    _, not_now, mood = rule.rpartition(":not_now:")
    if not_now:
        return reader.of(NOT_NOW, kind=reader.kind(kind), mood=known(MOODS, mood, reader.lang))
    return reader.of(SIGN, kind=reader.kind(kind))


def marked(words: str, field: str, reasons: Sequence[Reason]) -> list[Piece]:
    """The words in pieces, so that those some ground rests on can be marked; joined, they are `words` again.

    Where spans overlap, each piece has the numbers of all that cover it."""
    spans = [(start, end, number) for (of, start, end), number in _numbers(reasons).items() if of == field]
    edges = sorted({0, len(words), *(min(edge, len(words)) for start, end, _ in spans for edge in (start, end))})
    return [
        Piece(words[a:b], tuple(number for start, end, number in spans if start <= a and b <= end))
        for a, b in pairwise(edges)
    ]


def _span(reason: Reason) -> tuple[str, int, int]:
    return reason.field, reason.start, reason.end


def _numbers(reasons: Sequence[Reason]) -> dict[tuple[str, int, int], int]:
    """A number for each stretch of words that is quoted, in the order of the reasons; several may quote the same."""
    spans = dict.fromkeys(_span(reason) for reason in reasons if reason.end > reason.start)
    return {span: number for number, span in enumerate(spans, 1)}
