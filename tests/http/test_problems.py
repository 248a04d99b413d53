"""What a caller is told of a store that fails is true."""

import pytest

from services.chassis.problems import as_problem
from services.chassis.store.engine import OutcomeUnknown, StoreUnavailable


def test_nothing_is_said_to_be_lost_that_may_stand():
    problem = as_problem(OutcomeUnknown("TimeoutError"))
    assert (problem.status, problem.code) == (503, "outcome_unknown")
    assert int(problem.headers["Retry-After"]) > 0
    for told, kept in ((problem.en, "may have been kept"), (problem.zh, "可能已被受理")):
        assert kept in told
        assert "Idempotency-Key" in told


def test_what_was_not_written_is_said_not_to_be_kept():
    problem = as_problem(StoreUnavailable("no connection"))
    assert problem.code == "store_unavailable"
    assert "nothing was kept" in problem.en
    assert "未被受理" in problem.zh


@pytest.mark.parametrize("error", [StoreUnavailable(), OutcomeUnknown()])
def test_who_only_reads_is_told_nothing_of_keeping(error):
    problem = as_problem(error, reading=True)
    assert problem.code == "store_unavailable"
    assert "kept" not in problem.en
    assert "受理" not in problem.zh
