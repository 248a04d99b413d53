"""One script of commands, and what came of it in words that any two installations share."""

import re
from typing import Any

from tests.serving import Door

MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
NUMBER = re.compile(r"\d{8}-\d\d-\d+")
TEXTS = (
    "三单元楼道灯坏了两周，晚上看不清台阶。",
    "小区门口的井盖不见了，有小孩差点掉下去！",
    "楼上半夜一直吵，报警也没有用。",
    "物业乱收费，请问应该找哪个部门？",
    "闻到很浓的煤气味，快来人！",
    "谢谢网格员帮忙联系维修。",
)


def run(door: Door) -> list[str]:
    """Do it step by step, waiting for each to have its effects; returns the petitions, in order."""
    petitions = [
        door.filed(key=f"script-{number}", text=text, place={"unit": "SA11"})["id"] for number, text in enumerate(TEXTS)
    ]
    _twice_handled(door, petitions[0])
    moved = door.filed(key="script-moved", kind="LAMP", text="路灯不亮", place={"unit": "SA11"})["id"]
    door.done(moved, "escalate", by="duty-1", reason="网格处理不了")
    door.becomes(moved, "routed", tier="community")
    climbed = door.filed(key="script-climbed", kind="QUICK", text="请尽快签收", place={"unit": "SA11"})["id"]
    door.becomes(climbed, "routed", tier="community")
    door.done(climbed, "accept", by="community-2")
    door.settled()
    return [*petitions, moved, climbed]


def _twice_handled(door: Door, petition: str) -> None:
    door.done(petition, "accept", by="gw-17")
    door.done(petition, "resolve", by="gw-17", text="已更换灯泡", result="done")
    door.becomes(petition, "resolved")
    door.until(petition, lambda now: "FeedbackRequested" in door.happened(petition))
    door.done(petition, "feedback", by="caller-3", reached=True, solved=False, satisfied=False, text="又灭了")
    door.becomes(petition, "routed", tier="community")
    door.done(petition, "accept", by="community-2")
    door.done(petition, "resolve", by="community-2", text="已更换线路")
    door.until(petition, lambda now: door.happened(petition).count("FeedbackRequested") == 2)
    door.done(petition, "feedback", by="caller-3", reached=True, solved=True, satisfied=True)
    door.becomes(petition, "closed")


def streams(door: Door, petitions: list[str]) -> list[list[dict[str, Any]]]:
    """Every event of every petition; ids by their order, moments and random causes left out."""
    return [_named([_event(item) for item in door.timeline(petition)], petitions) for petition in petitions]


def rows(door: Door, petitions: list[str]) -> list[dict[str, Any]]:
    """What the list says of each."""
    listed = {item["id"]: item for item in door.listed(limit=500)["items"]}
    return [_named(listed[petition], petitions) for petition in petitions]


def _event(item: dict[str, Any]) -> dict[str, Any]:
    return {name: item[name] for name in ("version", "type", "by", "data")}


def _named(value: Any, petitions: list[str]) -> Any:
    """The same with nothing in it that is another installation's affair."""
    match value:
        case dict():
            return {name: _named(one, petitions) for name, one in value.items()}
        case list():
            return [_named(one, petitions) for one in value]
        case str():
            for index, petition in enumerate(petitions):
                value = value.replace(petition, f"petition {index}")
            return NUMBER.sub("number", MOMENT.sub("moment", value))
    return value
