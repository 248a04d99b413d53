"""Districts too large to write down: their units made by one stated rule."""

from collections.abc import Sequence
from pathlib import Path
from shutil import copytree
from typing import NamedTuple


class Level(NamedTuple):
    """A tier with its number of units; `digits`: how many of a unit's code are its own, after its parent's."""

    tier: str
    name: str
    count: int
    digits: int


def with_units(source: Path, made: Path, top: str, below: Sequence[Level]) -> Path:
    """The configuration of `source`, in the directory `made`, with a `units.csv`: the unit `top` of the tier `district`
    and the levels below it.

    The units of a level are dealt to those of the level above, one to each in turn, and numbered from 1 within each; a
    code is the parent's followed by that number.
    """
    copytree(source, made)
    rows = ["code,name,tier,parent,staff", f"{top},区{top},district,,20"]
    above = [top]
    for level in below:
        parents = [above[n % len(above)] for n in range(level.count)]
        codes = [f"{parent}{n // len(above) + 1:0{level.digits}}" for n, parent in enumerate(parents)]
        rows += [
            f"{code},{level.name}{code},{level.tier},{parent},2" for code, parent in zip(codes, parents, strict=True)
        ]
        above = codes
    (made / "units.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    return made
