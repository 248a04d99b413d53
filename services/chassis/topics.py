"""The settings of the topics, read from the file that people keep: `deploy/topics.yaml`."""

from pathlib import Path

import yaml

from schemas.topics import Topics


def read_topics(path: Path) -> Topics:
    """The topics as they are to be made; raises pydantic's ValidationError with every fault and its place."""
    return Topics.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
