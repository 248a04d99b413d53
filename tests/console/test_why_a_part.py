"""Why a part begins where it does, as `explain` and its page say it."""

from dataclasses import replace

import pytest

from schemas.events.router import Floor
from schemas.words import FloorName
from services.console.why import explain
from tests.console.test_why import EN, ZH, decided
from tests.given import recorded
from tests.past import ROOT, assessed, filed

LEAST = Floor(floor=FloorName.HISTORY, tier="street", reason=f"inherited:{ROOT}:9")
PART = (filed(split_from=ROOT).model_copy(update={"history": LEAST}), assessed())


@pytest.mark.parametrize(("reader", "said"), [(ZH, "已抬高到这一级"), (EN, "had been raised to this tier")])
def test_it_names_the_dispatch_of_the_whole_that_had_been_raised(reader, said):
    named = replace(reader, numbers={ROOT: "20261123-05-1"})
    [deciding] = [one for one in explain(recorded(*PART, *decided(*PART)), named).floors if one.decides]
    assert said in deciding.reason
    assert "20261123-05-1" in deciding.reason
