from . import energy_node_move
