from . import test_report_figures
from . import test_report_rights
from . import test_report_xlsx
from . import test_report_screen
