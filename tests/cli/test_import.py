"""`gridcase import`, into data that a server serves."""

import httpx

from tests.cli.served import DISTRICT, Served, gridcase


def test_a_running_server_is_asked_and_finds_that_nothing_changed(server: Served):
    done = gridcase("import", DISTRICT, "--data", server.data)
    assert done.exit_code == 0, done.output
    assert "policy version 1 is in force already" in done.stdout


def test_a_named_server_is_asked(server: Served):
    done = gridcase("import", DISTRICT, "--url", server.url, "--data", "none")
    assert done.exit_code == 0, done.output
    assert httpx.get(f"{server.url}/v1/policy", trust_env=False).json()["version"] == 1
