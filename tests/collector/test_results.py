"""What a gateway gave, by answers and by points."""

from energy_carbon_modbus.collector.codec import GOOD
from energy_carbon_modbus.collector.results import Batch, GatewayResult, SlaveResult


def result_of(batches):
    values = {"ok": True, "error": None, "requests": len(batches), "seconds": 0.1, "bad": set(), "health": {}}
    slaves = {unit: SlaveResult(ok=True) for unit in (1, 2, 3)}
    return GatewayResult.of_batches(batches, key=1, slaves=slaves, **values)


def test_last_good_reading_of_each_slave():
    """Answers and the points made of them tell the same; a slave that gave no good reading is not among them."""
    one = slice(0, 1)
    batches = [
        Batch([10, 11], 1003, [1.0, 2.0], [GOOD, GOOD], None, (1, 2), [one, one]),
        Batch([12], 1001, [1.0], [GOOD], None, (1,), [one]),
        Batch([13], 1009, [None], ["sentinel"], None, (1,), [one]),
        Batch([20, 21], 1005, [None, 2.0], ["sentinel", GOOD], None, (1, 2), [one, one]),
        Batch([22], 1007, error="silence"),
        Batch([30], 1008, error="exception 2"),
    ]
    units = {10: 1, 11: 1, 12: 1, 13: 1, 20: 2, 21: 2, 22: 2, 30: 3}
    by_answers, by_points = result_of(batches), result_of(batches)
    assert len(by_points.points) == len(units)
    assert by_answers.last_good(units) == by_points.last_good(units) == {1: 1003, 2: 1005}
