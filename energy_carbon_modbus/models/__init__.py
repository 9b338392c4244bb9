from . import (
    energy_calculation,
    energy_modbus_gateway,
    energy_modbus_polling,
    energy_modbus_storing,
    energy_modbus_demo,
    energy_modbus_map,
    energy_modbus_map_point,
    energy_modbus_poll,
    energy_meter,
    energy_indicator,
)
