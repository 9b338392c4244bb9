from . import energy_report_wizard
from . import energy_report_screen
