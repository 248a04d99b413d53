"""Which words of a petition its reading rests on, and where they stand."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

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
SIGN = Text("“{kind}”的识别词", 'a sign of "{kind}"')
NOW = Text("“{kind}”的识别词，说的是眼下正在发生", 'a sign of "{kind}", said to happen now')
NOT_NOW = Text(
    "“{kind}”的识别词，但{mood}，不当作正在发生", 'a sign of "{kind}", but {mood}: not taken as happening now'
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
    number = 0
    for reason in reasons:
        quotes = said.setdefault(_said(reason.rule, reader), [])
        if reason.end > reason.start:
            number += 1
            field = title if reason.field == "title" else text
            quotes.append(Quote(number, reason.field, field[reason.start : reason.end]))
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
    if rule.endswith(":now"):
        return reader.of(NOW, kind=reader.kind(kind))
    _, not_now, mood = rule.rpartition(":not_now:")
    if not_now:
        return reader.of(NOT_NOW, kind=reader.kind(kind), mood=known(MOODS, mood, reader.lang))
    return reader.of(SIGN, kind=reader.kind(kind))


def marked(words: str, field: str, reasons: Sequence[Reason]) -> list[Piece]:
    """The words in pieces, so that those some ground rests on can be marked; joined, they are `words` again."""
    spans = _numbered_spans(words, field, reasons)
    pieces, at = [], 0
    for start, end, numbers in _merged(spans):
        pieces += [Piece(words[at:start])] if start > at else []
        pieces.append(Piece(words[start:end], numbers))
        at = end
    return [*pieces, Piece(words[at:])] if at < len(words) else pieces


def _numbered_spans(words: str, field: str, reasons: Sequence[Reason]) -> list[tuple[int, int, tuple[int, ...]]]:
    quoting = [reason for reason in reasons if reason.end > reason.start]
    return sorted(
        (reason.start, min(reason.end, len(words)), (number,))
        for number, reason in enumerate(quoting, 1)
        if reason.field == field and reason.start < len(words)
    )


def _merged(spans: Sequence[tuple[int, int, tuple[int, ...]]]) -> list[tuple[int, int, tuple[int, ...]]]:
    merged: list[tuple[int, int, tuple[int, ...]]] = []
    for start, end, numbers in spans:
        if merged and start < merged[-1][1]:
            first, last, before = merged[-1]
            merged[-1] = first, max(last, end), tuple(sorted(before + numbers))
        else:
            merged.append((start, end, numbers))
    return merged
