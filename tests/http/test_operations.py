"""Policy to read, health to watch, read models to rebuild."""

import json

import pytest

from services.chassis.policy_files import read_bundle
from services.embedded import running
from services.operations import readyz
from tests.serving import DISTRICT, in_thread


def _get(door, path, **query):
    answer = door.http.get(path, params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_units_are_the_tree(door):
    units = {unit["code"]: unit for unit in _get(door, "/v1/units")["items"]}
    assert units["SA11"]["parent"] == "SA1"
    assert {unit["code"] for unit in _get(door, "/v1/units", tier="street")["items"]} == {"SA", "SB"}
    assert {unit["code"] for unit in _get(door, "/v1/units", parent="SA1")["items"]} == {"SA11", "SA12", "SA1P"}
    assert _get(door, "/v1/units", tier="moon")["items"] == []


def test_a_unit_shows_what_is_above_it_and_its_departments(door, problem):
    unit = _get(door, "/v1/units/SA")
    assert [above["code"] for above in unit["above"]] == ["D"]
    assert [office["code"] for office in unit["departments"]] == ["SA-CITY"]
    problem(door.http.get("/v1/units/nowhere"), 404, "unknown_unit")


def test_departments_are_listed_by_unit(door):
    assert len(_get(door, "/v1/departments")["items"]) == 5
    assert [office["code"] for office in _get(door, "/v1/departments", unit="SB")["items"]] == ["SB-CITY"]


def test_kinds_show_floors_powers_and_hours(door):
    kinds = {kind["code"]: kind for kind in _get(door, "/v1/kinds")["items"]}
    assert (kinds["PIPE"]["tier"], kinds["PIPE"]["power"], kinds["PIPE"]["accept_hours"]) == ("district", "water", 0.5)


def test_the_policy_in_force_has_a_version(door):
    policy = _get(door, "/v1/policy")
    assert policy["version"] == 1
    assert [tier["code"] for tier in policy["ladder"]] == ["grid", "community", "street", "district"]


def test_the_policy_shows_everything_that_has_no_list_of_its_own(tmp_path):
    bundle = read_bundle(DISTRICT).model_copy(update={"hand_off_default": ("110",)})
    with in_thread(tmp_path / "data", district=None) as door:
        door.publish(bundle)
        policy = _get(door, "/v1/policy")
    assert policy["hand_off_default"] == ["110"]
    listed = {"units", "departments", "kinds", "areas", "places", "roster", "absences"}
    assert {"version", *policy} == {"version", *type(bundle).model_fields} - listed


def test_the_process_is_healthy_and_ready(door):
    assert _get(door, "/healthz") == {"status": "ok"}
    assert _get(door, "/readyz") == {"status": "ready", "broken": []}


async def test_a_process_that_writes_nothing_any_more_is_not_ready(tmp_path):
    async with running(tmp_path) as embedded:
        await embedded.runtime.policies.publish(read_bundle(DISTRICT))
        assert (await readyz(embedded)).status_code == 200
        await embedded.runtime.batcher.stop()
        answer = await readyz(embedded)
    assert (answer.status_code, json.loads(answer.body)["broken"]) == (503, ["batcher"])


def test_metrics_name_parts_and_never_petitions(door):
    petition = door.filed(kind="LAMP", place={"unit": "SA11"}, title="灯")
    door.done(petition["id"], "accept")
    text = door.http.get("/metrics").text
    assert 'gridcase_http_requests_total{method="POST",route="/v1/petitions/{petition}/accept",status="200"}' in text
    assert 'gridcase_lag_events{subscriber="router"}' in text
    assert petition["id"] not in text
    assert petition["number"] not in text


@pytest.mark.parametrize("subscriber", ["router", "petition_list"])
def test_metrics_say_how_far_each_is_who_hears_for_it_and_what_waits(door, subscriber):
    text = door.http.get("/metrics").text
    for name, value in (("partitions_held", 16), ("lease_owners", 1), ("dead_letters_waiting", 0)):
        assert f'gridcase_{name}{{subscriber="{subscriber}"}} {value:.1f}' in text
    assert f'gridcase_lag_events{{subscriber="{subscriber}"}}' in text


def test_before_a_district_is_imported_petitions_are_refused_and_it_says_why(tmp_path, problem):
    with in_thread(tmp_path / "data", district=None) as door:
        body = problem(door.file(), 503, "no_policy")
        assert "gridcase import" in body["detail"]
        assert door.http.get("/readyz").status_code == 503
        assert door.http.get("/readyz").json()["broken"] == ["policy"]
        problem(door.http.get("/v1/units"), 503, "no_policy")
        assert door.http.get("/v1/petitions").json()["items"] == []
        door.publish(read_bundle(DISTRICT))
        assert door.filed()["status"] == "routed"


def test_a_new_policy_is_in_force_at_once_and_old_petitions_keep_theirs(tmp_path):
    with in_thread(tmp_path / "data") as door:
        before = door.filed(kind="LAMP", place={"unit": "SA11"})
        bundle = read_bundle(DISTRICT)
        kinds = [
            kind.model_copy(update={"name": "楼道照明", "tier": "community"}) if kind.code == "LAMP" else kind
            for kind in bundle.kinds
        ]
        door.publish(bundle.model_copy(update={"kinds": tuple(kinds)}))
        after = door.filed(kind="LAMP", place={"unit": "SA11"})
        assert _get(door, "/v1/policy")["version"] == 2
        assert (before["tier"], after["tier"]) == ("grid", "community")
        assert door.read(before["id"])["kind"]["name"] == "楼道灯不亮"
        door.publish(bundle.model_copy(update={"kinds": tuple(kinds)}))
        assert _get(door, "/v1/policy")["version"] == 2


def test_what_an_import_takes_away_keeps_its_name(tmp_path):
    """On the petition, which names its version, in the list, and after an event of the newer version too."""
    with in_thread(tmp_path / "data") as door:
        petition = door.filed(kind="PIPE", place={"unit": "SA11"})
        door.settled()
        bundle = read_bundle(DISTRICT)
        offices = tuple(one for one in bundle.departments if one.code != "D-WATER")
        kinds = tuple(one for one in bundle.kinds if one.code != "PIPE")
        named = ("kind", "department", "unit")
        before = {name: petition[name] for name in named}
        assert before["department"] == {"code": "D-WATER", "name": "海州区水务局"}
        door.publish(bundle.model_copy(update={"departments": offices, "kinds": kinds}))
        (listed,) = door.listed()["items"]
        assert {name: listed[name] for name in named} == before
        assert "海州区水务局" in door.http.get("/").text
        moved = door.done(petition["id"], "move", unit="SA1", reason="就近办理")
        assert (moved["kind"], moved["unit"]["name"]) == (before["kind"], "东一社区")
        page = door.http.get(f"/petitions/{petition['id']}").text
        assert "停水（PIPE）" in page
        assert "海州区水务局" in page


def _without(bundle, tier, **more):
    """The small district without its grids, or without any other tier."""
    ladder = tuple(one for one in bundle.ladder if one.code != tier)
    units = tuple(unit for unit in bundle.units if unit.tier != tier)
    kinds = tuple(kind.model_copy(update={"tier": "community"}) if kind.tier == tier else kind for kind in bundle.kinds)
    return bundle.model_copy(update={"ladder": ladder, "units": units, "kinds": kinds} | more)


def _import(door, bundle, **query):
    json = {"Content-Type": "application/json"}
    return door.http.post("/v1/operations/policy", content=bundle.model_dump_json(), headers=json, params=query)


def test_a_ladder_without_a_tier_that_petitions_stand_on_is_refused_unless_it_is_meant(tmp_path, problem):
    with in_thread(tmp_path / "data") as door:
        standing = [door.filed(kind="LAMP", place={"unit": "SA11"})["id"] for _ in range(2)]
        door.filed(kind="COURT", place={"unit": "SA11"})
        door.settled()
        flat = _without(read_bundle(DISTRICT), "grid")
        said = problem(_import(door, flat), 409, "tiers_in_use")["detail"]
        assert "grid: 2" in said
        assert "--anyway" in said
        assert _get(door, "/v1/policy")["version"] == 1
        done = _import(door, flat, anyway=True).json()
        assert done == {
            "version": 2,
            "new": True,
            "gone": {"tiers": {"grid": 2}, "units": {"SA11": 2}, "departments": {}},
            "supersedes": [],
        }
        assert door.done(standing[0], "escalate", reason="梯级已撤")["status"] == "routed"
        assert door.becomes(standing[0], "routed", tier="district")["unit"]["code"] == "D"
        assert _import(door, read_bundle(DISTRICT)).json()["gone"] == {"tiers": {}, "units": {}, "departments": {}}


def test_units_and_departments_that_go_are_counted_with_the_petitions_left_there(tmp_path):
    with in_thread(tmp_path / "data") as door:
        door.filed(kind="LAMP", place={"unit": "SA12"})
        door.filed(kind="PIPE", place={"unit": "SA11"})
        door.settled()
        bundle = read_bundle(DISTRICT)
        units = tuple(unit for unit in bundle.units if unit.code not in ("SA12", "SB11"))
        offices = tuple(office for office in bundle.departments if office.code != "D-WATER")
        kinds = tuple(kind for kind in bundle.kinds if kind.code != "PIPE")
        fewer = bundle.model_copy(update={"units": units, "departments": offices, "kinds": kinds})
        assert _import(door, fewer).json() == {
            "version": 2, "new": True, "gone": {"tiers": {}, "units": {"SA12": 1}, "departments": {"D-WATER": 1}},
            "supersedes": [],
        }  # fmt: skip
        (left,) = _get(door, "/v1/units/SA12/worklist")["items"]
        assert left["unit"] == {"code": "SA12", "name": "东一社区二网格", "tier": "grid"}


def test_a_retry_is_safe_also_when_the_policy_has_changed_meanwhile(tmp_path):
    with in_thread(tmp_path / "data") as door:
        first = door.file(key="k", kind="NOISE", place={"unit": "SA1P"})
        bundle = read_bundle(DISTRICT)
        fewer = tuple(kind for kind in bundle.kinds if kind.code != "NOISE")
        door.publish(bundle.model_copy(update={"kinds": fewer}))
        again = door.file(key="k", kind="NOISE", place={"unit": "SA1P"})
        assert (again.status_code, again.content) == (201, first.content)


def test_a_retry_finds_its_reassessment_also_when_the_kind_is_gone(tmp_path):
    with in_thread(tmp_path / "data") as door:
        petition = door.filed(kind="LAMP", place={"unit": "SA11"})["id"]
        door.becomes(petition, "routed")
        named = {"by": "s-1", "kind": "NOISE", "reason": "现场核实", "headers": {"Idempotency-Key": "k"}}
        assert door.command(petition, "reassess", **named).status_code == 200
        bundle = read_bundle(DISTRICT)
        fewer = tuple(kind for kind in bundle.kinds if kind.code != "NOISE")
        door.publish(bundle.model_copy(update={"kinds": fewer}))
        again = door.command(petition, "reassess", **named)
        assert (again.status_code, again.headers["idempotency-replayed"]) == (200, "true")


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"{}", b'{"name": 1}', b"\xff", b"null", b'{"name": "\\ud800"}'])
def test_a_policy_that_cannot_be_read_is_refused(door, problem, body):
    answer = door.http.post("/v1/operations/policy", content=body, headers={"Content-Type": "application/json"})
    problem(answer, 422, "broken_policy")
    assert _get(door, "/v1/policy")["version"] == 1


def test_where_a_policy_stops_being_json_is_said_in_chinese(door, problem):
    headers = {"Content-Type": "application/json", "Accept-Language": "zh-CN"}
    answer = door.http.post("/v1/operations/policy", content=b'{\n"name": ]}', headers=headers)
    assert problem(answer, 422, "broken_policy")["errors"][0]["message"] == "不是合法 JSON：第 2 行第 9 列"


def _expression(words):
    return {"words": words, "regex": True}


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        (lambda whole: whole["units"][1].update(parent="nowhere"), "/units/1/parent"),
        (lambda whole: whole["units"][1].update(staff="few"), "/units/1/staff"),
        (lambda whole: whole["kinds"][2].update(power="magic"), "/kinds/2/power"),
        (lambda whole: whole["kinds"][2].update(accept_hours=1e-9), "/kinds/2/accept_hours"),
        (lambda whole: whole["kinds"][1].update(signs=[_expression("(" * 900)]), "/kinds/1/signs/0/words"),
        (lambda whole: whole["kinds"][1].update(signs=[_expression(".{4294967296}")]), "/kinds/1/signs/0/words"),
        (lambda whole: whole["severities"]["critical"].update(floor="sky"), "/severities/critical/floor"),
        (lambda whole: whole["calendar"].update(opens="09:00+08:00"), "/calendar/opens"),
        (lambda whole: whole["limits"].update(supervise_hours=1e-9), "/limits/supervise_hours"),
        (lambda whole: whole.update(timezone="Moon/Base"), "/timezone"),
    ],
)
def test_a_policy_that_breaks_a_rule_is_refused_with_a_pointer_into_the_body(door, problem, change, pointer):
    bundle = json.loads(read_bundle(DISTRICT).model_dump_json())
    change(bundle)
    body = problem(door.http.post("/v1/operations/policy", json=bundle), 422, "broken_policy")
    assert pointer in [error["pointer"] for error in body["errors"]]


def test_a_policy_that_breaks_a_rule_is_told_in_the_callers_language(door):
    bundle = json.loads(read_bundle(DISTRICT).model_dump_json())
    bundle["timezone"] = "Moon/Base"
    answer = door.http.post("/v1/operations/policy", json=bundle, headers={"Accept-Language": "zh"})
    assert answer.json()["errors"] == [{"pointer": "/timezone", "message": "没有时区“Moon/Base”"}]


@pytest.mark.parametrize("model", ["petition_list", "petition_search"])
def test_a_read_model_is_rebuilt_while_it_is_read(door, model):
    title = f"before {model}"
    door.filed(title=title)
    door.settled()
    answer = door.http.post(f"/v1/operations/rebuild/{model}")
    assert answer.json()["projection"] == model
    assert answer.json()["events"] > 0
    assert [item["title"] for item in door.listed(q=title)["items"]] == [title]


def test_an_unknown_read_model_is_not_found(door, problem):
    problem(door.http.post("/v1/operations/rebuild/nothing"), 404, "unknown_projection")


def test_dead_letters_can_be_listed_and_tried_again(door):
    assert _get(door, "/v1/operations/dead-letters") == {"items": []}
    assert door.http.post("/v1/operations/redrive").json() == {"asked": 0}


@pytest.mark.parametrize(
    "path", ["/v1", "/v1/nothing", "/nothing", "/v1/petitions/x/y/z", "/.env", "/static/../settings.py"]
)
def test_an_address_that_is_not_there_is_a_problem_too(door, problem, path):
    problem(door.http.get(path), 404, "not_found")


@pytest.mark.parametrize(("method", "path"), [("PUT", "/v1/petitions"), ("DELETE", "/v1/units"), ("PATCH", "/healthz")])
def test_a_method_that_is_not_there_is_a_problem_too(door, problem, method, path):
    problem(door.http.request(method, path), 405, "method_not_allowed")


def test_every_answer_carries_the_headers_that_protect_a_browser(door):
    for path in ("/healthz", "/v1/petitions", "/nothing", "/docs"):
        headers = door.http.get(path).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert "unsafe" not in headers["content-security-policy"]
        assert "server" not in headers


@pytest.mark.parametrize("path", ["/v1/units", "/v1/departments"])
def test_an_unknown_filter_is_refused(door, problem, path):
    problem(door.http.get(path, params={"teir": "grid"}), 422, "invalid", "?teir")


def test_what_is_refused_by_the_address_says_what_to_do(door, problem):
    assert "Allow" in problem(door.http.delete("/v1/petitions"), 405, "method_not_allowed")["detail"]
    assert "/docs" in problem(door.http.get("/v1/nothing"), 404, "not_found")["detail"]
    large = door.http.post("/v1/petitions", json={"channel": "web", "text": "灯" * 300_000})
    assert "smaller parts" in problem(large, 413, "too_large")["detail"]
