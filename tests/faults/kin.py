"""Petitions that belong together: what one came to that was split, or that repeats another, must fit the others.

A part never outlives its whole unanswered, nor a repeat its root; no part is lost, doubled, or anybody else's.
"""

from collections import Counter
from collections.abc import Iterable, Sequence

from tests.faults.ended import Ended
from tests.faults.fold import Folded
from tests.faults.history import FAIL, OK, Told

Found = tuple[int, str]
"""An invariant and what breaks it."""


def texts_of(told: Told) -> Sequence[str]:
    """The words of the parts that this asked to split a petition into; nothing for what asked something else."""
    return [part["text"] for part in told.first.body["parts"]] if told.first.kind == "split" else []


def words(ended: Ended) -> Iterable[Found]:
    """1: each part of an acknowledged split is there, 2: none of one that was refused, 3: and none twice."""
    found = Counter(row[2] for row in ended.store.words)
    for key, told in ended.told.items():
        counts = [found[text] for text in texts_of(told)]
        about = f"{told.first.petition} was split by key {key}"
        if told.outcome == FAIL and any(counts):
            yield 2, f"{about}, which was refused, and {sum(counts)} of its parts are there"
        elif 0 in counts and (told.outcome == OK or any(counts)):
            yield 1, f"{about}, and {counts.count(0)} of its {len(counts)} parts are not there"
        if max(counts, default=0) > 1:
            yield 3, f"{about}, and a part of it is there {max(counts)} times"


def unanswered(ended: Ended) -> Iterable[Found]:
    """10: nobody waits for what is over; 5: and each knows of the other."""
    for petition, life in ended.lives.items():
        yield from _as_whole(petition, life, ended)
        yield from _as_part(petition, life, ended)
        yield from _as_repeat(petition, life, ended)


def _as_whole(petition: str, life: Folded, ended: Ended) -> Iterable[Found]:
    for part in life.all_parts:
        own = ended.lives.get(part)
        if part in ended.spoilt:
            continue
        if own is None:
            yield 1, f"{part} is a part of {petition} and is not in the log"
        elif own.split_from != petition:
            yield 5, f"{part} is a part of {petition} and says that it is one of {own.split_from or 'nothing'}"
        elif life.parts.get(part, own.is_over) != own.is_over:
            yield 10, f"{part} is {own.status}, and {petition}, of which it is a part, was told otherwise"
    known = [ended.lives[part] for part in life.resolved_with if part in ended.lives and part not in ended.spoilt]
    if life.status == "resolved" and not all(one.is_over for one in known):
        yield 10, f"{petition} is resolved and asked about, and one of its parts goes on"
    if life.status == "split" and all(life.parts.values()):
        yield 10, f"{petition} is split, all its parts are over, and nobody resolved it"


def _as_part(petition: str, life: Folded, ended: Ended) -> Iterable[Found]:
    whole = ended.lives.get(life.split_from)
    if life.split_from and life.split_from not in ended.spoilt and (whole is None or petition not in whole.all_parts):
        yield 2, f"{petition} says that it is a part of {life.split_from}, which does not know it"


def _as_repeat(petition: str, life: Folded, ended: Ended) -> Iterable[Found]:
    if life.status != "linked" or life.root in ended.spoilt:
        return
    root = ended.lives.get(life.root)
    if root is not None and (root.is_over or root.status in ("linked", "split")):
        yield 10, f"{petition} follows {life.root}, which is {root.status}, and nobody answers it"
    elif root is None or petition not in root.followers:
        yield 5, f"{petition} follows {life.root}, which does not know it"
