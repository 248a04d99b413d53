"""Who may come in: anybody on this machine, else only who has the key."""

import base64
import socket
import subprocess
import sys

import httpx
import pytest

from tests.serving import ROOT, in_thread

KEY = "a-key-of-at-least-16-characters"
PUBLIC = ("/healthz", "/readyz", "/docs")
CLOSED = ("/v1/petitions", "/v1/units", "/v1/kinds", "/v1/policy", "/metrics", "/v1/operations/dead-letters")


@pytest.fixture(scope="module")
def guarded(tmp_path_factory):
    with in_thread(tmp_path_factory.mktemp("guarded") / "data", key=KEY) as opened:
        yield opened


def _basic(key: str, name: str = "anybody") -> str:
    return "Basic " + base64.b64encode(f"{name}:{key}".encode()).decode()


@pytest.mark.parametrize("path", CLOSED)
@pytest.mark.parametrize(
    "authorization",
    ["", "Bearer", "Bearer wrong-key-wrong-key", f"Bearer {KEY}x", f"Token {KEY}", KEY, _basic("wrong"), "Basic é",
     "Basic !!!!", "Basic " + "A" * 5000, "Bearer ü"],
)  # fmt: skip
def test_without_the_key_nothing_is_told(guarded, problem, path, authorization):
    headers = {"Authorization": authorization.encode("latin-1")}
    answer = httpx.get(guarded.url + path, headers=headers, trust_env=False)
    problem(answer, 401, "unauthorized")
    assert answer.headers["www-authenticate"].startswith("Bearer")


@pytest.mark.parametrize("path", CLOSED)
@pytest.mark.parametrize("authorization", [f"Bearer {KEY}", f"bearer {KEY}", _basic(KEY), _basic(KEY, name="")])
def test_with_the_key_as_bearer_or_as_a_browsers_password_it_opens(guarded, path, authorization):
    answer = httpx.get(guarded.url + path, headers={"Authorization": authorization}, trust_env=False)
    assert answer.status_code == 200


@pytest.mark.parametrize("path", PUBLIC)
def test_health_needs_no_key(guarded, path):
    assert httpx.get(guarded.url + path, trust_env=False).status_code == 200


def test_nothing_is_filed_or_changed_without_the_key(guarded, problem):
    petition = guarded.filed()["id"]
    body = {"channel": "app", "text": "x"}
    problem(httpx.post(f"{guarded.url}/v1/petitions", json=body, trust_env=False), 401, "unauthorized")
    accept = f"{guarded.url}/v1/petitions/{petition}/accept"
    problem(httpx.post(accept, json={"by": "x"}, trust_env=False), 401, "unauthorized")
    assert guarded.read(petition)["status"] == "routed"


def test_a_body_is_not_looked_at_before_the_key(guarded, problem):
    answer = httpx.post(
        f"{guarded.url}/v1/petitions", content=b"{", headers={"Content-Type": "application/json"}, trust_env=False
    )
    assert answer.status_code in (400, 401)


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "[::1", "", "a b", "evil.example:80"])
def test_without_a_key_it_answers_only_to_names_of_this_machine(door, host):
    assert _raw(door, f"GET /v1/petitions HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n") in (400, 421)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1:1", "[::1]:8000", "LOCALHOST"])
def test_by_any_name_of_this_machine_it_answers(door, host):
    assert _raw(door, f"GET /healthz HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n") == 200


@pytest.mark.parametrize("length", ["-1", "abc", "9" * 30, "9" * 5000])
def test_a_length_that_makes_no_sense_is_refused(door, length):
    head = "POST /v1/petitions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nConnection: close\r\n"
    assert _raw(door, f"{head}Content-Length: {length}\r\n\r\n{{}}") in (400, 413, 422)


def _raw(door, request: str) -> int:
    host, port = door.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=5) as connection:
        connection.sendall(request.encode("latin-1"))
        return int(connection.makefile("rb").readline().split()[1])


def _up(tmp_path, *options: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "services", "up", "--port", "0", "--data", str(tmp_path / "data"), *options],
        cwd=ROOT, env={"PATH": "/usr/bin:/bin", **environment}, capture_output=True, text=True, timeout=30,
    )  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.7", "gridcase.example"])
def test_others_cannot_reach_it_without_a_key(tmp_path, host):
    refused = _up(tmp_path, "--host", host)
    assert refused.returncode == 1
    assert "GRIDCASE_KEY" in refused.stderr
    assert host in refused.stderr
    assert "Traceback" not in refused.stderr


@pytest.mark.slow
def test_a_key_that_can_be_guessed_is_refused(tmp_path):
    refused = _up(tmp_path, GRIDCASE_KEY="short")
    assert refused.returncode == 1
    assert "16" in refused.stderr
    assert "short\n" not in refused.stderr
    assert "Traceback" not in refused.stderr


@pytest.mark.slow
def test_a_second_server_on_the_data_is_refused_and_told_where_the_first_is(tmp_path):
    with in_thread(tmp_path / "data") as door:
        refused = _up(tmp_path)
        assert refused.returncode == 1
        assert door.url in refused.stderr


@pytest.mark.slow
def test_a_port_that_is_taken_is_said_so(tmp_path, door):
    port = door.url.rpartition(":")[2]
    refused = _up(tmp_path, "--port", port)
    assert refused.returncode == 1
    assert f"{port} is taken" in refused.stderr
