from . import (
    test_energy_calculation,
    test_energy_indicator_entry,
    test_energy_indicator_explain,
    test_energy_value,
    test_energy_walls,
    test_examples,
)
