from . import energy_report_wizard, energy_report_wizard_screen
