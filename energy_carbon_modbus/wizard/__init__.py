from . import (
    energy_modbus_agent_key,
    energy_modbus_compare,
    energy_modbus_compare_line,
    energy_modbus_map_export,
    energy_modbus_map_import,
    energy_modbus_map_import_line,
    energy_modbus_scan,
    energy_modbus_scan_line,
    energy_modbus_test_read,
    energy_modbus_test_read_line,
)
