"""The part of the small run in which petitions belong together; each test of the checker spoils one of them."""

from typing import Any

from tests.faults.history import FAIL, OK, Attempt

WHOLE, DONE_PART, WITHDRAWN_PART, ROOT, REPEAT, SPOT = (
    f"019a0b1c-7d2e-7f00-8000-00000000000{number}" for number in range(3, 9)
)
DAY = "2026-11-23T"
LATER = "2026-12-24T00:00:00Z"
Life = list[tuple[str, str, str, str | None, dict[str, Any]]]


def at(minute: int, second: int = 0) -> str:
    """A moment of the day."""
    return f"{DAY}08:{minute:02d}:{second:02d}Z"


def kin() -> dict[str, Life]:
    """Of each petition: type, service, cause, person, data."""
    parts = [DONE_PART, WITHDRAWN_PART]
    linked = {"at": at(2), "root": ROOT, "duplicate": REPEAT}
    link = ("DuplicateLinked", "intake", "key:link", "link-1", linked)
    claimed = {"at": at(2, 30), "dispatch": f"{ROOT}:3", "unit": "D", "department": "D-WATER", "claimed_by": "claim-1"}
    return {
        WHOLE: [
            *_routed(WHOLE),
            ("PetitionSplit", "intake", "key:split", "split-1", {"at": at(1, 30), "parts": parts}),
            ("PartFinished", "router", "key:done", "resolve-2", {"at": at(3), "part": DONE_PART, "round": 1}),
            ("PartFinished", "router", f"{WITHDRAWN_PART}:4", None, {"at": at(4), "part": WITHDRAWN_PART, "round": 1}),
            ("ResolutionReported", "router", f"{WITHDRAWN_PART}:4", None,
             {"at": at(4), "dispatch": f"{DONE_PART}:3", "round": 1, "part": WITHDRAWN_PART, "answer_by": LATER}),
            *_closed(WHOLE, 7),
        ],
        DONE_PART: [*_routed(DONE_PART, split_from=WHOLE), *_done(DONE_PART, "key:done", "resolve-2"),
                    *_closed(DONE_PART, 5)],
        WITHDRAWN_PART: [
            *_routed(WITHDRAWN_PART, split_from=WHOLE),
            ("PetitionWithdrawn", "intake", "key:withdraw", "withdraw-1", {"at": at(3, 30)}),
        ],
        ROOT: [
            *_routed(ROOT), link, ("DispatchClaimed", "router", "key:claim", "claim-1", claimed),
            ("ResolutionReported", "router", "key:root", "resolve-3", _resolution(ROOT)), *_closed(ROOT, 6),
        ],
        REPEAT: [
            *_routed(REPEAT), link,
            ("ResolutionReported", "router", "key:root", "resolve-3", _resolution(ROOT) | {"root": ROOT}),
            *_closed(REPEAT, 5),
        ],
        SPOT: [
            *_routed(SPOT, on_the_spot="sealed", place_unit="SA11"),
            ("DispatchAccepted", "router", f"{SPOT}:2", "grid-1", {"at": at(1), "dispatch": f"{SPOT}:3"}),
            ("ResolutionReported", "router", f"{SPOT}:2", "grid-1", _resolution(SPOT) | {"on_the_spot": True}),
            *_closed(SPOT, 5),
        ],
    }  # fmt: skip


def asked() -> list[Attempt]:
    """What the callers were told of them."""
    filings = [
        Attempt("file", f"file-{one[-1]}", 2, 1.0, 0.1, OK, 201, petition=one, text=text_of(one), version=1)
        for one in (WHOLE, ROOT, REPEAT, SPOT)
    ]
    into = {"parts": [{"text": text_of(one)} for one in (DONE_PART, WITHDRAWN_PART)]}
    commands = (
        ("split-1", WHOLE, into), ("withdraw-1", WITHDRAWN_PART, {}), ("link-1", REPEAT, {}), ("claim-1", ROOT, {}),
        ("resolve-2", DONE_PART, {}), ("resolve-3", ROOT, {}), *((f"feedback-{one}", one, {}) for one in CLOSED_ONES),
    )  # fmt: skip
    return [
        *filings,
        *(
            Attempt(key.partition("-")[0], key, 2, 2.0 + number, 0.1, OK, 200, petition=petition, body=body)
            for number, (key, petition, body) in enumerate(commands)
        ),
        Attempt("claim", "claim-2", 3, 2.0, 0.1, FAIL, 409, "already_claimed", petition=ROOT),
    ]


CLOSED_ONES = (WHOLE, DONE_PART, ROOT, REPEAT, SPOT)


def text_of(petition: str) -> str:
    """What it says."""
    return f"诉求 {petition[-1]}"


def listed() -> list[dict[str, Any]]:
    """The list of them."""
    versions = {petition: len(life) for petition, life in kin().items()}
    stands = {WHOLE: (None, None, None), REPEAT: (None, None, None), ROOT: ("grid", "D", "D-WATER")}
    return [
        {
            "petition": petition, "status": "closed" if petition in CLOSED_ONES else "withdrawn", "version": version,
            "round": 1, **dict(zip(("tier", "unit", "department"), stands.get(petition, ("grid", "SA11", None)),
                                   strict=True)),
        }
        for petition, version in versions.items()
    ]  # fmt: skip


def _routed(petition: str, **more: Any) -> Life:
    routed = {
        "at": at(1), "tier": "grid", "unit": "SA11", "department": None, "round": 1, "rule": "assessed",
        "severity": "routine", "accept_by": LATER, "resolve_by": LATER,
    }  # fmt: skip
    return [
        ("PetitionFiled", "intake", petition, None, {"at": at(0), "assess_by": at(3), **more}),
        ("SeverityAssessed", "severity", f"{petition}:1", None, {"at": at(0, 1)}),
        ("PetitionRouted", "router", f"{petition}:2", None, routed),
    ]


def _done(petition: str, cause: str, by: str) -> Life:
    return [
        ("DispatchAccepted", "router", f"key:{by}", "somebody", {"at": at(2), "dispatch": f"{petition}:3"}),
        ("ResolutionReported", "router", cause, by, _resolution(petition)),
    ]


def _resolution(petition: str) -> dict[str, Any]:
    return {"at": at(3), "dispatch": f"{petition}:3", "round": 1, "answer_by": LATER}


def _closed(petition: str, resolved: int) -> Life:
    by, cause = f"feedback-{petition}", f"key:closed {petition}"
    asked = {"at": at(4, 1), "round": 1, "answer_by": LATER}
    return [
        ("FeedbackRequested", "feedback", f"{petition}:{resolved}", None, asked),
        ("FeedbackReceived", "feedback", cause, by, {"at": at(5), "round": 1, "solved": True}),
        ("PetitionClosed", "feedback", cause, by, {"at": at(5), "round": 1}),
    ]
