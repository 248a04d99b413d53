"""The settings of the topics, read from the file that people keep: `schemas/topics.yaml`."""

from pathlib import Path

import yaml

import schemas
from schemas.topics import Topics

TOPICS_FILE = Path(schemas.__file__).with_name("topics.yaml")


def read_topics(path: Path = TOPICS_FILE) -> Topics:
    """The topics as they are to be made; raises pydantic's ValidationError with every fault and its place."""
    return Topics.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
