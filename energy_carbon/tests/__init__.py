from . import (
    test_access_masters,
    test_energy_calculation,
    test_energy_factor,
    test_energy_indicator_entry,
    test_energy_indicator_explain,
    test_energy_indicator_template,
    test_energy_node,
    test_energy_tariff,
    test_energy_type,
    test_energy_value,
    test_energy_walls,
    test_examples,
)
