"""What the demo plant used and made at any moment, as pure functions of time; July 2026 is exactly Example P.

``calendar`` the plant's days and tariff hours, ``shares`` whole parts that add up exactly, ``loads`` who uses how much
power, gas and water when, ``counters`` what meters show, ``typed`` what people type. The demo data of energy_carbon make
their history of it, and the Modbus simulator (energy_carbon_modbus) goes on from there. Plain Python and numpy: nothing
here knows Odoo.
"""
