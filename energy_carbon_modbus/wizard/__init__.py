from . import energy_modbus_test_read, energy_modbus_test_read_line
