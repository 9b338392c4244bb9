from . import (
    test_hoot,
    test_report_figures,
    test_report_odd_requests,
    test_report_rights,
    test_report_screen,
    test_report_xlsx,
    test_translation,
)
