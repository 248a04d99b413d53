"""The contract as a document: sound, complete, and kept by the server whatever is thrown at it."""

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import response_schema_conformance

METHODS = {"get", "post", "put", "patch", "delete"}


@pytest.fixture(scope="session")
def document(door):
    answer = door.http.get("/openapi.json")
    assert answer.status_code == 200
    return answer.json()


@pytest.fixture
def described(door, document):
    schema = schemathesis.openapi.from_dict(document)
    schema.config.update(base_url=door.url)
    return schema


def test_the_document_is_sound(document):
    schemathesis.openapi.from_dict(document).validate()
    assert document["openapi"].startswith("3.1")


def test_every_command_and_list_of_the_contract_is_in_it(document):
    petition = "/v1/petitions/{petition}"
    commands = (
        "accept", "resolve", "feedback", "reopen", "close", "confirm", "reassess", "place", "move", "escalate",
        "answer-supervision", "confirm-hand-off",
    )  # fmt: skip
    expected = {f"{petition}/{command}" for command in commands} | {
        petition, f"{petition}/timeline", "/v1/petitions", "/v1/petitions/batch", "/v1/units", "/v1/units/{code}",
        "/v1/units/{code}/worklist", "/v1/departments", "/v1/kinds", "/v1/policy", "/healthz", "/readyz", "/metrics",
    }  # fmt: skip
    assert expected <= set(document["paths"])


def test_it_says_how_far_ahead_a_senders_clock_may_be(document):
    described = document["components"]["schemas"]["NewPetition"]["properties"]["received_at"]["description"]
    assert "at most 5 minutes ahead" in described


def test_every_operation_is_described_and_says_how_it_fails(document):
    for path, item in document["paths"].items():
        for method in METHODS & set(item):
            operation = item[method]
            assert operation.get("description"), (method, path)
            assert "application/problem+json" in operation["responses"]["default"]["content"], (method, path)


def headers(document, path, method="post"):
    return {one["name"] for one in document["paths"][path][method]["parameters"] if one["in"] == "header"}


def test_each_header_is_offered_where_it_acts(document):
    assert headers(document, "/v1/petitions") == {"Idempotency-Key", "Prefer"}
    assert headers(document, "/v1/petitions/{petition}/accept") == {"Idempotency-Key", "If-Match"}


def test_it_says_what_it_is_about_and_begins_with_petitions(document):
    assert "residents' petitions" in document["info"]["description"]
    assert document["tags"][0]["name"] == "petitions"
    used = {
        tag for item in document["paths"].values() for method in METHODS & set(item) for tag in item[method]["tags"]
    }
    assert used == {tag["name"] for tag in document["tags"]}


def test_a_summary_is_a_sentence_and_no_name_of_a_function(document):
    assert document["paths"]["/v1/petitions"]["post"]["summary"] == "File a petition"
    assert document["paths"]["/v1/petitions/{petition}"]["get"]["summary"] == (
        "The petition now, or as it was at a version or a time"
    )


def test_the_page_that_shows_it_loads_nothing_from_elsewhere(door):
    page = door.http.get("/docs")
    assert page.status_code == 200
    assert "http://" not in page.text
    assert "https://" not in page.text
    for asset in ("/static/vendor/swagger-ui/swagger-ui.css", "/static/vendor/swagger-ui/swagger-ui-bundle.js"):
        assert asset in page.text
        assert door.http.get(asset).status_code == 200


@pytest.mark.slow
@pytest.mark.parametrize("mode", list(GenerationMode))
def test_whatever_fits_or_does_not_fit_is_never_a_failure_of_the_server(described, mode):
    tried = []
    for found in described.get_all_operations():
        operation = found.ok()

        @settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
        @given(case=operation.as_strategy(generation_mode=mode))
        def keeps_the_contract(case):
            case.call_and_validate(checks=[not_a_server_error, response_schema_conformance])

        try:
            keeps_the_contract()
        except Unsatisfiable:
            assert mode is GenerationMode.NEGATIVE, operation.label  # nothing about it could be wrong
        tried.append(operation.label)
    assert len(tried) > 20
