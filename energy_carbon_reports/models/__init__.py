from . import energy_guide, energy_node
