"""并案 and 拆分: what happened between petitions, as one sentence each."""

from collections.abc import Mapping

from schemas.events import feedback, intake, router
from schemas.words import Status
from services.console.causes import cause_of_climbing
from services.console.reader import Reader
from services.console.words import RESULTS, Text, known

OUTCOMES_OF_PARTS: Mapping[str, Text] = {
    **RESULTS,
    Status.WITHDRAWN: Text("已撤诉", "withdrawn"),
    Status.REFERRED: Text("已引导", "referred"),
    Status.DECLINED: Text("不予受理", "declined"),
}


def linked(event: intake.DuplicateLinked, reader: Reader) -> str:
    """Which one follows which."""
    said = Text("从单 {duplicate} 并入主单 {root}，不再单独派单", "{duplicate} follows {root} from now on")
    return reader.of(said, duplicate=reader.petition(event.duplicate), root=reader.petition(event.root))


def unlinked(event: intake.DuplicateUnlinked, reader: Reader) -> str:
    """Which one follows which no more."""
    said = Text("{duplicate} 不再并入 {root}", "{duplicate} follows {root} no more")
    return reader.of(said, duplicate=reader.petition(event.duplicate), root=reader.petition(event.root))


def split(event: intake.PetitionSplit, reader: Reader) -> str:
    """Into what."""
    said = Text(
        "拆分为 {n} 件分单：{parts}；不再单独派单，分单全部办完即办结",
        "{n} parts have its matters: {parts}; it is resolved with the last of them",
    )
    return reader.of(said, n=len(event.parts), parts=reader.listed([reader.petition(one) for one in event.parts]))


def part_finished(event: router.PartFinished, reader: Reader) -> str:
    """What came of a part."""
    said = Text("分单 {part}：{outcome}", "part {part}: {outcome}")
    return reader.of(
        said, part=reader.petition(event.part), outcome=known(OUTCOMES_OF_PARTS, event.outcome, reader.lang)
    )


def part_reopened(event: feedback.PartReopened, reader: Reader) -> str:
    """Which part goes on."""
    said = Text("分单 {part} 第 {n} 轮开始", "part {part}: round {n} starts")
    return reader.of(said, part=reader.petition(event.part), n=event.round)


def duplicate_reopened(event: feedback.DuplicateReopened, reader: Reader) -> str:
    """Which repeat the answer did not help, and why that is said."""
    said = Text("从单 {duplicate} 重办：{cause}", "{duplicate}, answered with it, is open again: {cause}")
    return reader.of(said, duplicate=reader.petition(event.duplicate), cause=cause_of_climbing(event.cause, reader))
