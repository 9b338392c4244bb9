"""What indicators a plant gets: meters, devices, units, totals; what is kept; what is only hinted at."""

from datetime import date

import pytest

from energy_carbon.planning.builder import Builder
from energy_carbon.planning.plant import Key, Membership, Plant
from energy_carbon.planning.proposal import APPLICABLE, Term

from .plants import (
    EL,
    ID,
    NG,
    ST,
    WT,
    applied,
    build,
    device,
    formulas,
    hints,
    indicator,
    meter,
    plant,
    unit,
)

PLANT = unit(1, unit_type="plant")
W1, W2 = unit(2, 1), unit(3, 1)
D1 = device(20, 1, 2)


def actions(proposals):
    return {line.action for line in proposals} - {"keep", "hint"}


def line_of(proposals, node, code, action=None):
    return next(
        one for one in proposals if one.node == node and one.template == ID[code] and action in (None, one.action)
    )


# === AMOUNTS === #
def test_bottom_up_from_a_meter_to_the_plant():
    found = formulas(build(plant(PLANT, W1, D1, meter(100, 1, 2, 20))))
    assert found[100, "EL.FWD"] == []
    assert found[20, "EL.CONS"] == [(100, "EL.FWD")]
    assert found[2, "EL.CONS"] == [(20, "EL.CONS")]
    assert found[1, "EL.CONS"] == [(2, "EL.CONS")]
    for node in (20, 2, 1):
        for code in ("EL.TCE", "EL.CO2", "EL.COST", "T.TCE", "T.CO2L", "T.COST"):
            assert found[node, code] == [(node, "EL.CONS")]
    assert (2, "EL.TCEQ") not in found
    assert found[1, "EL.TCEQ"] == found[1, "T.TCEQ"] == found[1, "T.NBS"] == [(1, "EL.CONS")]
    assert (1, "T.MED") not in found


def test_company_on_the_equivalent_basis_sees_it_everywhere():
    found = formulas(build(plant(PLANT, W1, meter(100, 1, 2), equivalent=True)))
    assert found[2, "EL.TCEQ"] == found[2, "T.TCEQ"] == [(2, "EL.CONS")]
    assert (2, "T.CO2M") not in found


def test_several_meters_each_in_turn():
    found = formulas(build(plant(PLANT, W1, meter(100, 1, 2), meter(101, 1, 2))))
    assert found[2, "EL.CONS"] == [(100, "EL.FWD"), (101, "EL.FWD")]


def test_own_meter_goes_before_children():
    nodes = [PLANT, W1, D1, meter(100, 1, 2), meter(101, 1, 2, 20, main=100)]
    found = formulas(build(plant(*nodes)))
    assert found[2, "EL.CONS"] == [(100, "EL.FWD")]
    assert found[20, "EL.CONS"] == [(101, "EL.FWD")]


def test_sub_meter_is_not_added_to_its_main_meter():
    chain = [meter(100, 1, 2), meter(101, 1, 2, main=100), meter(102, 1, 2, main=101)]
    assert formulas(build(plant(PLANT, W1, *chain)))[2, "EL.CONS"] == [(100, "EL.FWD")]


def test_sub_meter_of_a_meter_below_is_no_total_of_the_place_above():
    """Somebody hung the lamp meter of a workshop directly at the plant: the plant is not a lamp."""
    nodes = [PLANT, W1, meter(100, 1, 2), meter(101, 1, main=100)]
    assert formulas(build(plant(*nodes)))[1, "EL.CONS"] == [(2, "EL.CONS")]


def test_check_meter_is_read_and_never_counts():
    proposals = build(plant(PLANT, meter(100, 1, role="billing"), meter(101, 1, role="check")))
    assert formulas(proposals)[1, "EL.CONS"] == [(100, "EL.FWD")]
    assert {line_of(proposals, node, "EL.FWD").flow for node in (100, 101)} == {"purchase"}


@pytest.mark.parametrize("in_use", [True, False])
def test_spare_meter_counts_nowhere(in_use):
    proposals = build(plant(PLANT, meter(100, 1), meter(101, 1, in_use=in_use)))
    assert ((101, "EL.FWD") in formulas(proposals)) == in_use
    assert ((101, "not_in_use") in hints(proposals)) == (not in_use)
    assert len(formulas(proposals)[1, "EL.CONS"]) == 1 + in_use


def test_virtual_meter_counts_only_what_no_other_meter_counts():
    nodes = [PLANT, W1, meter(100, 1, 2), meter(101, 1, 2, role="virtual")]
    proposals = build(plant(*nodes))
    assert (101, "virtual") in hints(proposals)
    own = [indicator(5, 100, "EL.FWD"), indicator(6, 101, "EL.FWD", 5)]
    assert formulas(build(plant(*nodes, indicators=own)))[2, "EL.CONS"] == [5]
    own = [indicator(5, 100, "EL.FWD"), indicator(7, 900, "EL.FWD"), indicator(6, 101, "EL.FWD", 7)]
    assert formulas(build(plant(*nodes, indicators=own)))[2, "EL.CONS"] == [5, 6]


def test_typed_consumption_is_a_source_of_what_is_above():
    proposals = build(plant(PLANT, W1, W2, meter(100, 1, 3), indicators=[indicator(5, 2, "EL.CONS")]))
    assert formulas(proposals)[1, "EL.CONS"] == [5, (3, "EL.CONS")]
    assert formulas(proposals)[2, "T.TCE"] == [5]


def test_a_type_without_template_goes_on_to_the_place_above():
    gone = {ID["EL.CONS"]}
    one = plant(PLANT, W1, D1, meter(100, 1, 2, 20))
    one.templates = [template for template in one.templates if template.id not in gone]
    proposals = build(one)
    assert formulas(proposals)[1, "T.TCE"] == [(100, "EL.FWD")]
    assert {(20, "no_template"), (2, "no_template"), (1, "no_template")} <= hints(proposals)


def test_meter_beside_the_own_meter_is_hinted_at():
    nodes = [PLANT, meter(99, 1, role="billing"), W1, D1, meter(100, 1, 2, main=99), meter(101, 1, 2, 20, main=99)]
    assert (2, "beside") in hints(build(plant(*nodes)))


# === OWN-MADE, SOLD, INSIDE CUSTOMERS === #
def boiler():
    house = unit(4, 1, unit_type="service", uses={(NG, "used"), (ST, "made")})
    return [
        unit(1, unit_type="plant", uses={(NG, "purchased")}),
        house,
        unit(2, 1, uses={(ST, "used")}),
        meter(100, 1, 4, energy_type=NG, role="billing"),
        meter(101, 1, 4, energy_type=ST),
        meter(102, 1, 2, energy_type=ST, main=101),
    ]


def test_own_made_steam_is_quantity_only():
    proposals = build(plant(*boiler(), own_made={(1, ST)}))
    found = formulas(proposals)
    assert line_of(proposals, 101, "ST.FWD").flow == "transformation_out"
    assert line_of(proposals, 4, "ST.GEN").flow == "transformation_out"
    assert found[4, "ST.GEN"] == [(101, "ST.FWD")]
    assert (4, "ST.CONS") not in found
    assert found[2, "ST.CONS"] == [(102, "ST.FWD")]
    assert found[1, "ST.CONS"] == [(2, "ST.CONS")]
    assert not [code for _node, code in found if code in ("ST.TCE", "ST.CO2", "ST.COST")]
    assert (2, "T.TCE") not in found
    assert found[1, "T.TCE"] == [(1, "NG.CONS"), (1, "ST.CONS")]


def test_steam_at_a_service_that_says_nothing_of_it_is_not_added():
    """Whether the boiler house makes or uses it nobody said: as consumption it would count beside its gas."""
    nodes = [PLANT, unit(4, 1, unit_type="service", uses={(NG, "used")}), device(20, 1, 4)]
    nodes += [meter(100, 1, 4, energy_type=NG), meter(101, 1, 4, energy_type=ST), meter(102, 1, 4, 20, energy_type=ST)]
    proposals = build(plant(*nodes))
    assert {(4, "undeclared"), (20, "undeclared")} <= hints(proposals)
    assert not [code for _node, code in formulas(proposals) if code == "ST.CONS"]
    assert formulas(proposals)[1, "T.TCE"] == [(1, "NG.CONS")]
    typed = build(plant(*nodes, indicators=[indicator(5, 4, "ST.CONS")]))
    assert formulas(typed)[1, "ST.CONS"] == [5], "a person said so"


def test_what_is_sold_of_own_made_steam_leaves_the_total():
    nodes = [unit(1, unit_type="plant", uses={(ST, "sold"), (ST, "made")}), *boiler()[1:]]
    proposals = build(plant(*nodes, own_made={(1, ST)}, indicators=[indicator(5, 1, "ST.SOLD")]))
    assert formulas(proposals)[1, "T.TCE"] == [(1, "NG.CONS"), 5]


def test_meter_said_to_use_what_the_service_makes_is_hinted_at():
    own = [indicator(5, 101, "ST.FWD", source="collected")]
    assert (101, "flow_made") in hints(build(plant(*boiler(), own_made={(1, ST)}, indicators=own)))


def test_own_generation_and_sale_cross_the_main_meter():
    nodes = [
        unit(1, unit_type="plant", uses={(EL, "purchased"), (EL, "sold")}),
        unit(2, 1, unit_type="process", uses={(EL, "made")}),
        meter(100, 1, role="billing"),
        meter(101, 1, 2),
    ]
    own = [indicator(5, 100, "EL.REV", flow="sale", source="collected")]
    proposals = build(plant(*nodes, indicators=own))
    assert formulas(proposals)[2, "EL.GEN"] == [(101, "EL.FWD")]
    assert formulas(proposals)[1, "EL.SOLD"] == [5]
    assert formulas(proposals)[1, "EL.CONS"] == [(100, "EL.FWD"), (2, "EL.GEN"), ((1, "EL.SOLD"), -1)]
    assert (2, "EL.CONS") not in formulas(proposals)


def test_statistics_leave_out_living_quarters_and_tenants_once():
    nodes = [PLANT, W1, unit(5, 1, unit_type="living"), unit(6, 1, 5, unit_type="tenant")]
    nodes += [meter(100, 1, 2), meter(101, 1, 5), meter(102, 1, 5, 6)]
    assert formulas(build(plant(*nodes)))[1, "T.NBS"] == [(1, "EL.CONS"), ((5, "T.TCE"), -1)]


def test_purchased_media_stand_in_a_line_of_their_own():
    found = formulas(build(plant(PLANT, meter(100, 1, energy_type=WT), media={WT})))
    assert found[1, "T.MED"] == found[1, "T.COST"] == [(1, "WT.CONS")]
    assert (1, "T.TCE") not in found


# === SHARED METERS === #
def test_what_was_shared_out_counts_where_it_went():
    nodes = [PLANT, W1, W2, unit(4, 1), meter(100, 1, 2), meter(101, 1, 3), meter(102, 1, 4)]
    own = [
        indicator(5, 102, "EL.FWD"),
        indicator(6, 102, "EL.CONS", 5, flow="transfer"),
        indicator(7, 2, "EL.CONS", flow="transfer", source="computed"),
    ]
    found = formulas(build(plant(*nodes, indicators=own, keys=[Key(5, 6, ((2, 7),))])))
    assert found[2, "EL.CONS"] == [(100, "EL.FWD"), 7]
    assert found[4, "EL.CONS"] == [6]
    assert found[1, "EL.CONS"] == [(2, "EL.CONS"), (3, "EL.CONS"), (4, "EL.CONS")]


def test_shared_meter_at_the_plant_is_no_total_of_the_plant():
    nodes = [PLANT, W1, W2, meter(100, 1, 2), meter(101, 1, 3), meter(102, 1)]
    own = [
        indicator(5, 102, "EL.FWD"),
        indicator(6, 102, "EL.CONS", 5, flow="transfer"),
        indicator(7, 2, "EL.CONS", flow="transfer", source="computed"),
        indicator(8, 3, "EL.CONS", flow="transfer", source="computed"),
    ]
    found = formulas(build(plant(*nodes, indicators=own, keys=[Key(5, 6, ((2, 7), (3, 8)))])))
    assert found[1, "EL.CONS"] == [(2, "EL.CONS"), (3, "EL.CONS"), 6]


# === WHAT IS THERE === #
def workshop(*indicators, **values):
    return plant(PLANT, W1, D1, device(21, 1, 2), meter(100, 1, 2, 20), meter(101, 1, 2, 21),
                 indicators=[indicator(5, 100, "EL.FWD"), indicator(6, 101, "EL.FWD"), *indicators], **values)  # fmt: skip


def test_applied_twice_proposes_nothing():
    one = workshop()
    first = build(one)
    assert actions(first) == {"add"}
    second = build(applied(one, first))
    assert actions(second) == set()


def test_a_persons_formula_is_shown_and_not_ticked():
    one = workshop(indicator(7, 20, "EL.CONS", Term(5, 0.5)))
    line = line_of(build(one), 20, "EL.CONS")
    assert (line.action, line.ticked, line.terms) == ("change", False, (Term(5),))
    assert build(applied(one, build(one)))  # what is there stays
    assert line_of(build(applied(one, build(one))), 20, "EL.CONS").action == "change"
    assert actions(build(applied(one, build(one), everything=True))) == set()


def test_a_formula_with_fewer_sources_is_shown_and_not_ticked():
    own = [indicator(7, 20, "EL.CONS", 5), indicator(8, 21, "EL.CONS", 6), indicator(9, 2, "EL.CONS", 7)]
    line = line_of(build(workshop(*own)), 2, "EL.CONS")
    assert (line.action, line.ticked) == ("extend", False)


def test_an_empty_formula_is_filled():
    line = line_of(build(workshop(indicator(7, 20, "EL.CONS", source="computed"))), 20, "EL.CONS")
    assert (line.action, line.ticked, line.terms) == ("fill", True, (Term(5),))


def test_a_written_formula_is_never_touched():
    proposals = build(workshop(indicator(7, 20, "EL.CONS", 5, 6, written=True)))
    assert line_of(proposals, 20, "EL.CONS").action == "hint"
    assert (20, "written") in hints(proposals)


def test_typed_beside_a_meter_is_hinted_at():
    proposals = build(workshop(indicator(7, 20, "EL.CONS")))
    assert (20, "typed") in hints(proposals)
    assert formulas(proposals)[2, "EL.CONS"] == [7, (21, "EL.CONS")]


def test_what_a_person_archived_stays_so_and_the_place_above_takes_the_meter():
    proposals = build(workshop(indicator(7, 20, "EL.CONS", 5, active=False)))
    assert (20, "archived") in hints(proposals)
    assert formulas(proposals)[2, "EL.CONS"] == [5, (21, "EL.CONS")]


def test_what_would_count_twice_is_not_ticked():
    """The second device takes the first one's meter by hand: the workshop would have it twice."""
    line = line_of(build(workshop(indicator(7, 21, "EL.CONS", 5))), 2, "EL.CONS")
    assert (line.action, line.ticked, line.reason, line.others) == ("add", False, "twice", (100,))


def test_what_counts_twice_already_is_hinted_at():
    own = [indicator(7, 20, "EL.CONS", 5), indicator(8, 21, "EL.CONS", 5), indicator(9, 2, "EL.CONS", 7, 8)]
    assert (2, "twice") in hints(build(workshop(*own)))


# === HINTS AND DATES === #
def test_places_without_meter():
    proposals = build(plant(unit(1, unit_type="plant", uses={(EL, "used")}), W1, D1, meter(100, 1, 2)))
    assert {(20, "no_meter")} <= hints(proposals)
    assert (1, "unmeasured") not in hints(proposals)
    assert (2, "unmeasured") in hints(build(plant(PLANT, unit(2, 1, uses={(EL, "used")}))))


def test_unknown_total_and_declared_roles_without_meter():
    one = plant(unit(1, unit_type="plant", uses={(EL, "sold")}), unit(4, 1, uses={(ST, "made")}), meter(100, 1))
    one.templates = [template for template in one.templates if template.code != "EL.FWD"]
    assert {(100, "no_main_total"), (1, "sold_unmeasured"), (4, "made_unmeasured")} <= hints(build(one))


def test_terms_hold_while_the_source_hangs_there():
    moved = date(2026, 7, 16)
    memberships = [
        Membership(20, 3, None, date(2026, 7, 15)),
        Membership(20, 2, moved, None),
        Membership(21, 3, None, None),
    ]
    nodes = [PLANT, W1, W2, D1, device(21, 1, 3), meter(100, 1, 2, 20), meter(101, 1, 3, 21)]
    proposals = build(plant(*nodes, memberships=memberships))
    device_line = line_of(proposals, 20, "EL.CONS")
    assert line_of(proposals, 2, "EL.CONS").terms == (Term(device_line.target, 1.0, moved),)
    assert line_of(proposals, 3, "EL.CONS").terms == (
        Term(line_of(proposals, 21, "EL.CONS").target),
        Term(device_line.target, 1.0, None, date(2026, 7, 15)),
    )


def test_keys_of_lines_are_unique():
    proposals = build(plant(*boiler(), own_made={(1, ST)}))
    keys = [line.key for line in proposals if line.action in APPLICABLE]
    assert len(keys) == len(set(keys))


# === ONE FORMULA === #
def usual(one: Plant, number: int) -> list[Term]:
    builder = Builder(one)
    builder.build()
    return list(builder.usual(number))


def test_the_usual_formula_takes_what_is_there_for_what_is_only_proposed():
    nodes = [PLANT, W1, device(20, 1, 2), meter(100, 1, 2, 20), meter(101, 1, 2, 20), unit(5, 1, unit_type="living")]
    nodes += [unit(6, 1, 5, unit_type="tenant"), meter(102, 1, 5, 6)]
    own = [indicator(5, 100, "EL.FWD"), indicator(6, 1, "T.TCE", source="computed")]
    assert usual(plant(*nodes, indicators=own), 6) == [Term(5)]
    own += [indicator(7, 102, "EL.FWD"), indicator(8, 1, "T.NBS", source="computed")]
    assert usual(plant(*nodes, indicators=own), 8) == [Term(5), Term(7), Term(7, -1.0)]


def test_the_usual_formula_of_figures_that_the_tree_does_not_ask_for():
    nodes = [PLANT, W1, meter(100, 1, 2)]
    own = [
        indicator(5, 100, "EL.FWD"),
        indicator(6, 100, "EL.COST", source="computed"),
        indicator(7, 2, "EL.CONS", 5),
        indicator(8, 2, "EL.TCEQ", source="computed"),
        indicator(9, 2, "T.NBS", source="computed"),
        indicator(10, 2, "EL.BUY", source="computed"),
        indicator(11, 2, "EL.CONS", source="computed", of_product=True),
    ]
    found = {number: usual(plant(*nodes, indicators=own), number) for number in range(6, 12)}
    assert found == {6: [Term(5)], 7: [Term(5)], 8: [Term(7)], 9: [Term(7)], 10: [], 11: [Term(5)]}
    assert usual(plant(*nodes, indicators=own), 99) == []


def test_the_usual_formula_keeps_the_days_on_which_what_it_goes_through_hung_there():
    nodes = [PLANT, W1, W2, meter(100, 1, 2), meter(101, 1, 3)]
    own = [indicator(5, 100, "EL.FWD"), indicator(6, 101, "EL.FWD"), indicator(7, 1, "EL.CONS", source="computed")]
    half, next_day = date(2026, 6, 30), date(2026, 7, 1)
    stays = [Membership(2, 1, next_day), Membership(3, 1, None, half), Membership(3, 1, next_day)]
    stays += [Membership(100, 2, date(2026, 8, 1)), Membership(101, 3, date(2026, 5, 1))]
    found = usual(plant(*nodes, indicators=own, memberships=stays), 7)
    assert found == [
        Term(5, 1.0, date(2026, 8, 1)),
        Term(6, 1.0, next_day),
        Term(6, 1.0, date(2026, 5, 1), half),
    ]
