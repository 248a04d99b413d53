"""What people could well ask of a petition in each status, and with which bodies."""

from datetime import timedelta
from typing import Any

from tests.invariants.course import Course

LAMP, DANGER = "楼道灯坏了两周了", "家里燃气泄漏，味道很大"
SUPPLEMENTS = {"routine": "还是一样", "urgent": "又停水了", "critical": "现在燃气泄漏，味道很大"}
RETURN_REASONS = {"routine": "not_mine", "urgent": "wrong_area", "critical": "beyond_power"}
COLLEAGUES = {"routine": "s-1", "urgent": "s-2", "critical": "s-3"}
RESULTS = {"routine": "done", "urgent": "settled", "critical": "explained"}
CLAIMERS = {"urgent": {"department": "D-WATER"}, "critical": {"department": "SA-CITY"}}
PARTNER = {"unit": "SA1P"}
TELL, ANSWER = "confirm-hand-off", "answer-supervision"
SOMETIMES = {TELL, ANSWER}
"""What is likely whatever the status, where somebody waits for it."""

ANSWERED = {"request-hold": "decide-hold", "request-extension": "decide-extension", "summon": "report-in"}
"""What is asked of another, and how that one answers."""
FIRST = {
    "routed": ["link", "split", "supplement"],
    "accepted": [*ANSWERED, *ANSWERED.values(), "progress", "hand-over"],
}
LIKELY = {
    "routed": [
        "accept",
        "claim",
        "return",
        "move",
        "transfer",
        "escalate",
        "reassess",
        "place",
        "confirm",
        "urge",
        "supplement",
        "link",
        "link",
        "split",
        "withdraw",
    ],
    "linked": ["unlink", "link", "withdraw", "supplement", "reassess", "accept"],
    "split": ["withdraw", "supplement", "reassess", "accept", "resolve", "link", "split", "confirm"],
    "held": [
        "resume",
        "hand-over",
        "split",
        "link",
        "supplement",
        "withdraw",
        "reassess",
        "resolve",
        "move",
        "confirm",
    ],
    "resolved": ["feedback", "feedback", "close", "reopen", "reassess"],
    "closed": ["reopen"],
    "referred": ["reopen", "confirm"],
    "declined": ["reopen", "confirm"],
    "withdrawn": ["reopen", "confirm", "urge"],
}
LIKELY["accepted"] = [
    "resolve", "hand-over", "request-hold", "decide-hold", "resolve", "request-extension", "decide-extension",
    "return", "progress", "summon", "report-in", "escalate", "transfer", "reassess", "supplement", "link", "split",
    "move", "place",
]  # fmt: skip


def sensible(course: Course, unit: str, severity: str, yes: bool) -> list[tuple[str, dict[str, Any]]]:
    """What a person could well do now, the likeliest first."""
    names = LIKELY.get(course.status, ["confirm"]).copy()
    if course.to_tell:
        names.insert(1, TELL)
    if any(one.family == "supervise" for one in course.time.open):
        names.insert(1, ANSWER)
    return [(name, body_of(name, course, unit, severity, yes)) for name in names]


def onward(course: Course, first: str) -> str:
    """What brings it a step nearer to its end, or before that what is to come `first` where it can; nothing where it
    has ended."""
    if first in FIRST.get(course.status, ()):
        return first
    if course.status == "routed":
        return "claim" if course.mode == "open" else "accept"
    return {"accepted": "resolve", "held": "resume", "resolved": "feedback"}.get(course.status, "")


def body_of(name: str, course: Course, unit: str, severity: str, yes: bool) -> dict[str, Any]:
    """A body for the command that fits the petition."""
    match name:
        case "link" | "supplement" | "split":
            parts = [{"text": LAMP, "kind": "LAMP"}, {"text": DANGER if yes else "店外经营"}]
            bodies = {"link": {"to": course.beside}, "supplement": {"text": SUPPLEMENTS[severity]}}
            return bodies.get(name, {"parts": parts})
        case "reassess":
            disposition = {"D": "refer", "SB": "ask"}.get(unit)
            kind = "STALL" if yes else None
            return {"severity": severity, "disposition": disposition, "kind": kind, "reason": "看过"}
        case "return":
            return {"reason": RETURN_REASONS[severity], "dispatch": (course.dispatch or None) if yes else None}
        case "summon":
            return {"departments": ["D-WATER", "D-GAS"] if yes else ["D-WATER"]}
        case "place" | "report-in":
            return {"unit": unit} if name == "place" else {"department": "D-GAS" if yes else "D-WATER"}
        case "claim":
            return CLAIMERS.get(severity, PARTNER if yes else {})
        case "request-extension" | "request-hold":
            return {"until": (course.last.at + timedelta(days=3 if yes else 30)).isoformat(), "reason": "等配件"}
        case "decide-extension" | "decide-hold":
            return {"by": "s-2", "granted": severity != "urgent", "reason": "看过"}
        case "transfer" | "move" if yes:
            return {"department": "D-WATER" if unit == "D" else "SB-CITY", "reason": "转办"}
        case "transfer" | "move":
            return {"unit": unit, "reason": "转办"}
        case "resolve" | "progress" | "answer-supervision":
            return {"text": "灯泡已更换", **({"result": RESULTS[severity]} if name == "resolve" else {})}
        case "hand-over":
            return {"from": (course.staff or None) if yes else None, "to": COLLEAGUES[severity], "reason": "调岗"}
        case "confirm-hand-off":
            return {"to": course.to_tell[0] if course.to_tell else "119"}
        case "escalate" | "reopen" | "close" | "withdraw":
            return {"reason": "需要"}
        case "feedback":
            return {"reached": False} if severity == "urgent" else {"reached": True, "solved": yes, "satisfied": None}
        case _:
            return {}
