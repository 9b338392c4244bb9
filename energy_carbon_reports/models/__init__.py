from . import energy_node
