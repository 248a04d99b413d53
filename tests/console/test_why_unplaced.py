"""Why a petition is where it is while nobody knows, or not nearly enough, where the matter lies."""

from services.console.why import explain
from tests.console.test_why import EN, after
from tests.given import recorded
from tests.past import assessed, filed, routed


def test_an_unknown_place_puts_it_at_the_top_desk_and_not_at_the_top_tier():
    why = after(filed(None), assessed("LAMP"))
    assert why.placed == "在海州区（district）：按研判结果派单。"
    assert [one.tier for one in why.floors] == ["grid"]
    assert (
        why.holds
        == "按底线，grid一级就够了，但地点未知，不知道是哪一个。所以先由海州区的受理台查明地点，再转给那里的grid。"
    )
    assert why.notes == ["研判把握 90%，达到 60%，所以没有请人复核。把握只看词句有多明确，读错了由有权人员改判。"]
    assert after(filed(None), assessed("LAMP"), reader=EN).holds == (
        "Its floors ask for no more than grid, but its place is not known, so nobody can say which one. The desk of"
        " 海州区 has it until somebody places it; then it goes to the grid there."
    )


def test_what_the_top_alone_has_the_power_for_is_there_wherever_it_lies():
    why = after(filed(None), assessed("GAS"), reader=EN)
    assert why.holds == (
        "The highest of its floors is district, so that tier handles it;"
        " 海州区 is the only one, wherever in it that is."
    )
    lower = "Lower: read as another kind, for which a lower tier has the power, it could be as low as grid"
    assert why.otherwise[0] == f"{lower}, once its place is known."
    assert after(filed("SA11"), assessed("GAS"), reader=EN).otherwise[0] == f"{lower}."


def test_an_office_that_has_it_for_want_of_a_place_is_named_and_no_desk():
    told = "海州区城管局, 海州区 has it until somebody places it; then it goes to the street there."
    assert after(filed(None), assessed("STALL"), reader=EN).holds.endswith(told)


def test_a_roughly_known_place_is_narrowed_by_its_desk():
    why = after(filed("SA"), assessed("LAMP"))
    assert why.holds == (
        "按底线，grid一级就够了，但地点只确定到东街道，不知道是其中哪一个。所以先由东街道的受理台查明地点，再转给那里的grid。"
    )


def test_whom_a_placing_desk_passed_it_on_to_has_it_also_once_somebody_knows():
    passed = (filed("SA"), assessed("LAMP"), routed("grid", "SA"), routed("grid", "SA", "SA-CITY", rule="transferred"))
    graver = (*passed, routed("grid", "SA", "SA-CITY", severity="urgent", rule="reassessed"))
    for past in (passed, graver):
        why = explain(recorded(*past), EN)
        assert "somebody places it" not in (why.holds + "".join(why.otherwise))
        assert "Higher: a missed deadline takes it to district at least." in why.otherwise


def test_a_desk_that_has_it_for_want_of_a_place_gives_it_on_once_somebody_knows():
    told = ["Lower: a higher unit has it only until somebody places it; then it goes to grid."]
    top = "The top of this district has it already; nothing within the district is higher."
    assert after(filed(None), assessed("LAMP"), reader=EN).otherwise == [*told, top]
    assert after(filed("SA1"), assessed("LAMP"), reader=EN).otherwise == told
