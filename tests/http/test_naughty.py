"""Public corpora of strings and documents that break programs, at every text field and at the JSON door."""

import json
import re
from uuid import UUID

import pytest

from services.chassis.data_dir import open_data
from services.console.tables import ReadModel
from tests.serving import in_thread, naughty

JSON = {"Content-Type": "application/json"}


def _strings() -> list[str]:
    strings: list[str] = json.loads(naughty("blns/blns.json").read_text(encoding="utf-8"))
    assert len(strings) > 500
    return strings


@pytest.mark.slow
async def test_every_string_comes_back_as_it_was_said(tmp_path):
    """As text, title, address and name; the name is shown to nobody, so it is looked up where it is kept."""
    strings, petitions = _strings(), []
    with in_thread(tmp_path / "data") as door:
        for string in strings:
            place, who = {"address": string}, {"name": string, "phone": string[:100]}
            petition = door.file(text=string, title=string, place=place, petitioner=who)
            assert petition.status_code == 201, (string, petition.text)
            body = petition.json()
            read = door.read(body["id"])
            for answer in (body, read):
                assert (answer["text"], answer["title"], answer["place"]["address"]) == (string, string, string)
            petitions.append(body["id"])
        door.settled()
        assert door.listed(limit=1)["items"][0]["title"] == strings[-1]
        assert {door.until(one, lambda now: now["status"] != "filed")["status"] for one in petitions} <= {
            "routed", "declined", "referred", "assessed"
        }  # fmt: skip
    kept = await _names(tmp_path / "data", petitions)
    assert kept == strings


@pytest.mark.slow
def test_every_string_is_a_reason_as_it_was_given(door):
    strings = [string for string in _strings() if any(sign.isprintable() and sign != " " for sign in string)]
    assert len(strings) > 500  # the others have nothing that could be read
    for start in range(0, len(strings), 20):
        petition = door.filed(kind="LAMP", place={"unit": "SA11"})["id"]
        given = strings[start : start + 20]
        for number, string in enumerate(given):
            door.done(petition, "move", unit=("SA12", "SB11")[number % 2], reason=string)
        moves = [item["data"] for item in door.timeline(petition) if item["data"].get("rule") == "moved"]
        assert [move["reason"] for move in moves] == given


def test_every_string_is_searched_for_as_words(door):
    for string in _strings():
        answer = door.http.get("/v1/petitions", params={"q": string, "limit": 1})
        assert answer.status_code == (200 if 0 < len(string) <= 200 else 422), string


async def _names(data, petitions: list[str]) -> list[str]:
    opened = await open_data(data, 16, ReadModel.metadata)
    ids = [UUID(one) for one in petitions]
    streams = await opened.runtime.log.load(ids)
    keys = await opened.runtime.log.keyring.get(ids)
    names = [keys[one].open(streams[one][0], "petitioner").name for one in ids]
    await opened.close()
    return names


@pytest.mark.parametrize("name", ["text", "title"])
def test_nul_is_refused_in_every_spelling(door, problem, name):
    body = {"channel": "app", "text": "x"} | {name: "a\0b"}
    problem(door.http.post("/v1/petitions", json=body), 422, "invalid_json", f"/{name}")
    raw = json.dumps(body).replace("\\u0000", "\0").encode()
    problem(door.http.post("/v1/petitions", content=raw, headers=JSON), 400, "invalid_json", "")


@pytest.mark.parametrize(
    "text",
    [
        "\u2028\u2029",
        "\ufeff",
        "\ufffe\uffff",
        "\U0010ffff",
        "\x01\x02\x1f\x7f",
        "\r\n\t",
        "\u202e",
        "é",
        "e\u0301",
        " ",
        "\x85",
    ],
)
def test_every_other_scalar_is_kept(door, text):
    assert door.read(door.file(text=text, title=text).json()["id"])["text"] == text


def _expected(name: str, content: bytes) -> set[int]:
    """What a document of the suite may be answered, by its prefix and its content."""
    if name.startswith("n_"):
        return {400, 422}
    if name.startswith("y_") and not _stricter_than_json(content):
        return {422}  # sound JSON, but no petition
    return {400, 422}


def _stricter_than_json(content: bytes) -> bool:
    """NUL and names that stand twice are sound JSON, and refused here all the same."""
    return b"\\u0000" in content or re.search(rb'"a".*"a"', content) is not None


@pytest.mark.parametrize("place", ["alone", "as the text", "as an unknown field", "as a line of a batch"])
def test_every_document_of_the_suite_is_answered_in_kind(door, problem, place):
    files = sorted(naughty("jsontestsuite/test_parsing").glob("*.json"))
    assert len(files) > 300
    for file in files:
        content = file.read_bytes()
        if place == "as a line of a batch":
            _answers_every_line(door, content, file.name)
            continue
        body = {
            "alone": content,
            "as the text": b'{"channel":"app","text":' + content + b"}",
            "as an unknown field": b'{"channel":"app","text":"x","more":' + content + b"}",
        }[place]
        answer = door.http.post("/v1/petitions", content=body, headers=JSON)
        if place == "as the text" and answer.status_code == 201:
            assert answer.json()["text"] == json.loads(content), file.name
            continue
        assert answer.status_code in _expected(file.name, content), (file.name, answer.text)
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["errors"], file.name
        assert all("pointer" in error for error in answer.json()["errors"])


def _answers_every_line(door, content: bytes, name: str) -> None:
    headers = {"Content-Type": "application/x-ndjson"}
    answer = door.http.post("/v1/petitions/batch", content=content + b"\n", headers=headers)
    lines = [json.loads(line) for line in answer.text.splitlines()]
    assert answer.status_code == 200, name
    assert len(lines) == sum(bool(line.strip()) for line in content.split(b"\n")), name
    assert {line["status"] for line in lines} <= {400, 422}, (name, lines)


@pytest.mark.parametrize(
    ("body", "status", "pointer"),
    [
        (b"", 422, ""),
        (b"   ", 400, ""),
        (b"{", 400, ""),
        (b"nul", 400, ""),
        (b"NaN", 400, ""),
        (b'{"channel":"app","text":"x","households":NaN}', 400, ""),
        (b'{"channel":"app","text":"x","households":-Infinity}', 400, ""),
        (b'{"channel":"app","text":"x","households":1e400}', 422, "/households"),
        (b'{"channel":"app","text":"x","households":' + b"9" * 5000 + b"}", 422, ""),
        (b'{"channel":"app","text":"x","text":"y"}', 422, "/text"),
        (b'{"channel":"app","text":"x","place":{"lat":1,"lat":2}}', 422, "/place/lat"),
        (b'{"channel":"app","text":"x","place":{"lat":1,"lat":2}, oops', 422, ""),
        (b'{"channel":"app","place":{"lat":1,"lat":2},"n":' + b"9" * 5000 + b"}", 422, "/place/lat"),
        (b'{"channel":"app","text":"\\ud800"}', 422, "/text"),
        (b'{"channel":"app","text":"\\udc00\\ud800"}', 422, "/text"),
        (b'{"channel":"app","text":"\\udc00"}', 422, "/text"),
        (b'{"channel":"app","text":"x","place":{"\\uDFFF":1}}', 422, "/place"),
        (b'{"channel":"app","text":"x","attachments":[{"url":"\\ud83d"}]}', 422, "/attachments/0/url"),
        (b'{"channel":"app","text":"x","\\ud800":1}', 422, ""),
        (b'{"\\ud800":1,"\\ud800":2}', 422, "/?"),
        (b'{"channel":"app","text":"\xed\xa0\x80"}', 400, ""),
        (b'{"channel":"app","text":"\xff"}', 400, ""),
        ("{\"channel\":\"app\",\"text\":\"x\"}".encode("utf-16"), 400, ""),
        ("{\"channel\":\"app\",\"text\":\"x\"}".encode("utf-16-le"), 400, ""),
        ("{\"channel\":\"app\",\"text\":\"x\"}".encode("utf-32"), 400, ""),
        (b'\xef\xbb\xbf{"channel":"app","text":"x"}', 400, ""),
        (b"[" * 100_000, 400, ""),
        (b'{"a":' * 40 + b"1" + b"}" * 40, 400, ""),
        (b'{"channel":"app","text":"x"}{"channel":"app","text":"x"}', 400, ""),
        (b"{'channel':'app'}", 400, ""),
        (b'{"channel":"app","text":"x",}', 400, ""),
    ],
)  # fmt: skip
def test_what_is_no_json_says_so_with_a_pointer(door, problem, body, status, pointer):
    answer = door.http.post("/v1/petitions", content=body, headers=JSON)
    problem(answer, status, "invalid" if pointer == "/households" or body == b"" else "invalid_json", pointer)


@pytest.mark.parametrize(
    "body",
    [
        b'{"text":"' + b"[" * 40 + b'\\"' * 120_000,
        b'{"text":"' + b"[" * 40 + b'\\"' * 120_000 + b"\\",
        b"{" + b'"a":1,' * 40_000 + b'"a":1}',
        b"{" + b",".join(b'"%d":1' % n for n in range(25_000)) + b',"7":1}',
        b"[" + b"0," * 120_000 + b"0]",
        b'{"channel":"app","text":"x","more":"' + b"\\u0041" * 40_000 + b'"}',
        b" " * 250_000,
        b'"' * 250_000,
        b"-" * 250_000,
    ],
)
def test_no_body_keeps_the_server_busy_for_long(door, body):
    answer = door.http.post("/v1/petitions", content=body, headers=JSON, timeout=5)
    assert answer.status_code in (400, 422)


def test_thirty_two_levels_are_deep_enough(door, problem):
    deep = b'{"a":' * 31 + b"[]" + b"}" * 31
    assert "/a" in str(problem(door.http.post("/v1/petitions", content=deep, headers=JSON), 422, "invalid"))
    problem(door.http.post("/v1/petitions", content=b"[" + deep + b"]", headers=JSON), 400, "invalid_json")
