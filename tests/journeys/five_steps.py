"""网格上传 → 社区呼叫 → 街道派单 → 部门受理 → 结果反馈, as the people around one petition see it."""

from tests.serving import Door

EVENTS = [
    "PetitionFiled", "SeverityAssessed", "PetitionRouted",
    "PetitionEscalated", "PetitionRouted",
    "DispatchTransferred", "PetitionRouted",
    "DispatchAccepted", "ResolutionReported",
    "FeedbackRequested", "FeedbackReceived", "PetitionClosed",
]  # fmt: skip


def go_the_five_steps(door: Door) -> None:
    """From a grid worker's phone to the resident's word, in the district of `five_steps/`."""
    filed = _uploaded_by_the_grid(door)
    petition = filed["id"]
    _called_up_by_the_community(door, petition)
    _dispatched_by_the_street(door, petition)
    _accepted_by_the_department(door, petition)
    _answered_by_the_resident(door, petition)
    assert door.happened(petition) == EVENTS


def _uploaded_by_the_grid(door: Door) -> dict:
    filed = door.filed(
        channel="grid_patrol",
        title="楼顶有人搭建阳光房",
        text="巡查发现3号楼楼顶正在搭建阳光房，已拍照。",
        place={"unit": "AP1101"},
        filed_by={"role": "grid_worker", "id": "gw-07"},
    )
    assert (filed["kind"]["code"], filed["tier"], filed["unit"]["code"]) == ("ROOF", "community", "AP11")
    assert {floor["floor"]: floor["tier"] for floor in filed["floors"]} == {"authority": "community", "scope": "grid"}
    _is_with(door, filed["id"], unit="AP11")
    return filed


def _called_up_by_the_community(door: Door, petition: str) -> None:
    door.done(petition, "escalate", by="community-3", reason="社区没有执法权，请街道派单")
    risen = door.becomes(petition, "routed", tier="street")
    assert (risen["unit"]["code"], risen["department"]) == ("AP1", None)
    assert "person" in next(floor["reason"] for floor in risen["floors"] if floor["floor"] == "history")
    assert risen["responsible"]["unit"] == "AP11", "who had it first answers for it until another accepts"
    _is_with(door, petition, unit="AP1")


def _dispatched_by_the_street(door: Door, petition: str) -> None:
    sent = door.done(petition, "transfer", by="street-1", department="AP1-CITY", reason="属综合执法事项")
    assert (sent["status"], sent["department"]["code"]) == ("routed", "AP1-CITY")
    _is_with(door, petition, department="AP1-CITY")


def _accepted_by_the_department(door: Door, petition: str) -> None:
    taken = door.done(petition, "accept", by="city-5")
    assert (taken["status"], taken["responsible"]["department"]) == ("accepted", "AP1-CITY")
    done = door.done(petition, "resolve", by="city-5", text="当场责令停工，已拆除钢架")
    assert done["status"] == "resolved"
    door.until(petition, lambda now: any(one["name"] == "feedback:1" for one in now["deadlines"]))


def _answered_by_the_resident(door: Door, petition: str) -> None:
    closed = door.done(petition, "feedback", by="caller-2", reached=True, solved=True, satisfied=True)
    assert (closed["status"], closed["feedback"]["final"]["solved"]) == ("closed", True)
    assert not [one for one in closed["deadlines"] if one["state"] == "open"]
    assert closed["filed_by"] == {"role": "grid_worker", "id": "gw-07"}, "the grid worker finds what came of it"
    door.settled()
    for unit in ("AP1101", "AP11", "AP1", "AP"):
        assert petition not in door.worklist(unit)
        assert petition not in _open_within(door, unit)
    held = door.http.get(f"/v1/petitions/{petition}/explain").json()["responsibility"]
    had_it = [(one["unit"], one["department"]) for one in held if one["phase"] == "handled"]
    assert had_it == [("AP11", None), ("AP1", "AP1-CITY")]


def _is_with(door: Door, petition: str, *, unit: str = "AP1", department: str | None = None) -> None:
    """Whoever has it finds it and nobody else does, and whoever it lies with sees that it is open."""
    door.settled()
    for code in ("AP1101", "AP11", "AP1", "AP", "AP1102", "AP2"):
        assert (petition in _open_within(door, code)) == (code not in ("AP1102", "AP2")), code
    for code in ("AP1101", "AP11", "AP1", "AP", "AP2"):
        assert (petition in door.worklist(code)) == (code == unit), code
    for code in ("AP1-CITY", "AP2-CITY", "AP-WATER"):
        listed = [item["id"] for item in door.listed(department=code)["items"]]
        assert (petition in listed) == (code == department), code


def _open_within(door: Door, unit: str) -> list[str]:
    return [item["id"] for item in door.listed(within=unit, unfinished=True)["items"]]
