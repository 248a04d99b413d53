"""The topics are made as the file says, and a file that guesses is refused."""

from typing import Any

import pytest
import yaml
from pydantic import ValidationError

from schemas.dead_letter import DeadLetter
from schemas.topics import NAMES, PETITION_EVENTS, CodeNamesNoTopic, Topics, department_topic
from services.chassis.settings import Settings
from services.chassis.topics import TOPICS_FILE, read_topics
from tests.given import PETITION, T0, later
from tests.serving import ROOT

TOPICS = read_topics()


def test_every_topic_of_the_contract_is_there_in_its_order():
    assert [topic.name for topic in TOPICS.topics] == list(NAMES)


def test_deploy_shows_the_very_file_that_the_wheel_holds():
    assert (ROOT / "deploy" / "topics.yaml").resolve() == TOPICS_FILE
    assert TOPICS_FILE.is_relative_to(ROOT / "schemas"), "the wheel holds schemas/ and no deploy/"


def test_the_topic_has_as_many_partitions_as_the_log():
    assert TOPICS.named(PETITION_EVENTS).partitions.value == Settings.model_fields["partitions"].default


@pytest.mark.parametrize("topic", TOPICS.topics, ids=lambda topic: topic.name)
def test_no_topic_loses_what_it_acknowledged_when_one_broker_is_lost(topic):
    assert 2 <= topic.min_insync_replicas.value < topic.replication_factor.value


def test_kafka_is_told_every_setting_as_text():
    assert TOPICS.named(PETITION_EVENTS).configs == {
        "cleanup.policy": "delete",
        "retention.ms": "2592000000",
        "min.insync.replicas": "2",
        "compression.type": "producer",
        "max.message.bytes": "1048588",
    }


def planted(setting: str, fault: Any) -> dict[str, Any]:
    written = yaml.safe_load(TOPICS_FILE.read_text(encoding="utf-8"))
    written["topics"][0][setting] = fault
    return written


@pytest.mark.parametrize(
    ("setting", "fault"),
    [
        ("partitions", {"value": 16}),
        ("partitions", {"value": 16, "reason": ""}),
        ("partitions", {"value": "16", "reason": "text is no number"}),
        ("partitions", {"value": 0, "reason": "none"}),
        ("partitions", 16),
        ("cleanup.policy", {"value": "forget", "reason": "no such policy"}),
        ("retention.ms", {"value": 0, "reason": "not even a moment"}),
        ("min.insync.replicas", {"value": 4, "reason": "more than there are"}),
        ("compression.type", {"value": "rar", "reason": "no such codec"}),
        ("segment.ms", {"value": 1, "reason": "not among the settings"}),
        ("name", "petition.events.v2"),
    ],
)
def test_a_file_with_a_fault_is_refused(setting, fault):
    with pytest.raises(ValidationError):
        Topics.model_validate(planted(setting, fault))


def test_a_department_has_a_topic_of_its_own_by_its_code():
    assert department_topic("SA-CG") == "dispatch.events.v1.SA-CG"


@pytest.mark.parametrize("code", ["", "城管", "SA CG", "SA/CG", "A" * 65, "SA\n"])
def test_a_code_that_kafka_cannot_name_is_refused(code):
    with pytest.raises(CodeNamesNoTopic):
        department_topic(code)


def letter(**facts: Any) -> DeadLetter:
    known = {"at": T0, "subscriber": "router", "partition": 5, "position": 7, "reason": "UnreadableStream"}
    return DeadLetter(**known | facts)


def test_a_dead_letter_points_to_an_event_or_to_a_record():
    assert letter(stream=PETITION).id == f"router:{PETITION}:5:7:1795395600000000"
    assert letter(topic=PETITION_EVENTS).id == f"router:{PETITION_EVENTS}:5:7:1795395600000000"


def test_each_try_that_fails_is_news_of_its_own():
    assert letter(stream=PETITION).id != letter(stream=PETITION, at=later(hours=1)).id


@pytest.mark.parametrize("places", [{}, {"stream": PETITION, "topic": PETITION_EVENTS}])
def test_a_dead_letter_points_to_one_place(places):
    with pytest.raises(ValidationError, match="to a topic or to a stream"):
        letter(**places)


@pytest.mark.parametrize("reason", ["", "王女士的电话", "cannot read: 王女士", "A" * 101])
def test_a_dead_letter_has_room_for_the_name_of_an_error_only(reason):
    with pytest.raises(ValidationError, match="reason"):
        letter(stream=PETITION, reason=reason)


@pytest.mark.parametrize("error", ["KeyError", "KeyError at on_petition_routed:81", "_Odd at <lambda>:1"])
def test_a_dead_letter_names_where_in_the_program_it_failed(error):
    assert letter(stream=PETITION, error=error).error == error


@pytest.mark.parametrize("error", ["", "KeyError at", "KeyError: 王女士", "KeyError at 王女士:1", "KeyError at f:1\n"])
def test_where_it_failed_has_no_room_for_words(error):
    with pytest.raises(ValidationError, match="error"):
        letter(stream=PETITION, error=error)
