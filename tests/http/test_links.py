"""并案 as callers see it: a repeat follows, is answered with its root, and goes its own way again."""

from concurrent.futures import ThreadPoolExecutor

import pytest


@pytest.fixture
def repeat(door):
    return door.filed(kind="LAMP", place={"unit": "SA12"}, text="二单元的楼道灯也不亮")


def test_a_repeat_is_answered_with_its_root_in_the_same_words(door, accepted, repeat):
    linked = door.done(repeat["id"], "link", to=accepted["id"], by="op-1")
    assert (linked["status"], linked["links"]) == ("linked", [{"type": "root", "petition": accepted["id"]}])
    assert door.read(accepted["id"])["links"] == [{"type": "duplicate", "petition": repeat["id"]}]
    door.done(accepted["id"], "resolve", text="整栋楼的声控开关都换了")
    assert door.read(repeat["id"])["status"] == "resolved"
    door.until(repeat["id"], lambda now: "FeedbackRequested" in door.happened(now["id"]))
    [answer] = [one["data"] for one in door.timeline(repeat["id"]) if one["type"] == "ResolutionReported"]
    assert (answer["text"], answer["root"]) == ("整栋楼的声控开关都换了", accepted["id"])
    door.done(repeat["id"], "feedback", reached=True, solved=False)
    again = door.becomes(repeat["id"], "routed")
    assert (again["tier"], again["dispatch"]["round"]) == ("community", 2)


def test_unlinked_it_is_routed_for_itself(door, routed, repeat):
    door.done(repeat["id"], "link", to=routed["number"])
    door.done(repeat["id"], "unlink")
    again = door.becomes(repeat["id"], "routed")
    assert (again["unit"]["code"], again["links"], door.read(routed["id"])["links"]) == ("SA12", [], [])
    assert door.timeline(repeat["id"])[-1]["data"]["rule"] == "unlinked"


def test_it_is_refused_with_what_to_do_next(door, routed, repeat, critical, problem):
    def refused(petition, to):
        return door.command(petition["id"], "link", by="op-1", to=to)

    problem(refused(critical, routed["id"]), 409, "graver_than_root")
    problem(refused(routed, routed["id"]), 422, "links_to_itself")
    problem(refused(routed, "01a20a62-d504-7503-b778-98728c567667"), 422, "unknown_petition")
    problem(refused(routed, "nothing"), 422, "unknown_petition")
    door.done(repeat["id"], "link", to=routed["id"])
    told = problem(refused(routed, repeat["id"]), 409, "linked_the_other_way")
    assert repeat["id"] in told["detail"]
    problem(door.command(routed["id"], "withdraw", by="op-1", reason="已自行解决"), 409, "others_follow")
    problem(door.command(repeat["id"], "accept", by="gw-1"), 409, "follows_another")


def test_a_retry_finds_its_link(door, routed, repeat):
    key = {"Idempotency-Key": f"link-{repeat['id']}"}
    first = door.command(repeat["id"], "link", by="op-1", to=routed["id"], headers=key)
    again = door.command(repeat["id"], "link", by="op-1", to=routed["id"], headers=key)
    assert (first.status_code, again.status_code, again.headers["idempotency-replayed"]) == (200, 200, "true")
    assert again.json()["version"] == first.json()["version"] == repeat["version"] + 1
    assert first.headers["etag"] == f'"{first.json()["version"]}"'


def test_a_links_to_b_while_b_links_to_a(door):
    for _ in range(6):
        a, b = (door.filed(kind="LAMP", place={"unit": "SA11"})["id"] for _ in range(2))
        with ThreadPoolExecutor(2) as both:
            there = both.submit(door.command, a, "link", by="op-1", to=b)
            back = both.submit(door.command, b, "link", by="op-2", to=a)
        answers = [there.result(), back.result()]
        assert sorted(one.status_code for one in answers) == [200, 409]
        [refused] = [one.json() for one in answers if one.status_code == 409]
        assert refused["code"] == "linked_the_other_way"
        assert sorted(door.read(one)["status"] for one in (a, b)) == ["linked", "routed"]


def test_while_its_root_is_resolved_it_is_linked_or_it_is_not(door):
    """A link that comes at the same moment as the answer is answered with it, or refused."""
    for _ in range(6):
        root, other = (door.filed(kind="LAMP", place={"unit": "SA11"})["id"] for _ in range(2))
        door.done(root, "accept")
        with ThreadPoolExecutor(2) as both:
            done = both.submit(door.command, root, "resolve", by="gw-1", text="已更换")
            linked = both.submit(door.command, other, "link", by="op-1", to=root)
        assert done.result().status_code == 200
        answer = linked.result()
        assert answer.status_code == 200 or answer.json()["code"] == "root_is_over"
        assert door.read(other)["status"] == ("resolved" if answer.status_code == 200 else "routed")


def test_it_is_on_no_worklist_while_its_root_is(door, routed, repeat):
    door.done(repeat["id"], "link", to=routed["id"])
    door.settled()
    for unit, petition, there in (("SA11", routed, True), ("SA12", repeat, False)):
        answer = door.http.get(f"/v1/units/{unit}/worklist", params={"limit": 500}).json()
        assert (petition["id"] in {one["id"] for one in answer["items"]}) is there
    listed = door.http.get("/v1/petitions", params={"status": "linked", "limit": 500}).json()["items"]
    assert repeat["id"] in {one["id"] for one in listed}


@pytest.mark.parametrize("command", [None, "withdraw"])
def test_its_page_and_its_explanation_say_where_it_went(door, routed, repeat, command):
    """Also of what a person took back: no policy put it there."""
    door.done(repeat["id"], "link", to=routed["id"])
    if command:
        door.done(repeat["id"], command, reason="已自行解决")
    explained = door.http.get(f"/v1/petitions/{repeat['id']}/explain")
    page = door.http.get(f"/petitions/{repeat['id']}")
    assert (explained.status_code, page.status_code) == (200, 200), (explained.text, page.text)
    assert (routed["number"] in explained.json()["placed"]["en"]) is (command is None)
    assert (f'<a href="/petitions/{routed["id"]}">' in page.text) is (command is None)


def test_who_answered_a_repeat_hears_that_it_was_not_solved(door):
    root, repeat = (door.filed(kind="LAMP", place={"unit": "SA11"}) for _ in range(2))
    door.done(repeat["id"], "link", to=root["id"])
    accepted = door.done(root["id"], "accept")
    door.done(root["id"], "resolve", text="已更换灯泡")
    door.done(repeat["id"], "feedback", reached=True, solved=False)
    again = door.becomes(repeat["id"], "routed")
    assert again["tier"] != root["tier"]
    [said] = [one["data"] for one in door.timeline(root["id"]) if one["type"] == "DuplicateReopened"]
    assert (said["duplicate"], said["dispatch"]) == (repeat["id"], accepted["dispatch"]["id"])
    assert door.read(root["id"])["status"] == "resolved"
