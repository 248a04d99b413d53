"""A petition that is not taken says why, and not only that it has no number."""

import json
from uuid import uuid4

import pytest

from bench.client import Answer
from bench.load import NotFiled, petition_of


def test_of_a_petition_that_is_not_taken_the_answer_is_told():
    body = json.dumps({"code": "overloaded"}).encode()
    with pytest.raises(NotFiled, match=r'503 after 1\.5 s: \{"code": "overloaded"\}'):
        petition_of(Answer(503, body, 1.5))


def test_one_that_is_taken_has_its_number():
    petition = uuid4()
    assert petition_of(Answer(201, json.dumps({"id": str(petition)}).encode(), 0.1)) == petition
