{
    "name": "Energy and Carbon: Reports",
    "summary": "Daily to yearly energy reports on screen and in Excel",
    "version": "19.0.1.0.0",
    "category": "Supply Chain/Energy",
    "author": "Energy Carbon maintainers",
    "website": "https://example.com/energy_carbon",
    "license": "LGPL-3",
    "depends": ["energy_carbon"],
    "external_dependencies": {"python": ["xlsxwriter"]},
    "data": [
        "security/ir.model.access.csv",
        "security/energy_report_rules.xml",
        "views/energy_report_wizard_views.xml",
        "views/energy_unit_views.xml",
        "views/energy_report_menus.xml",
    ],
    "assets": {
        "web.assets_backend": ["energy_carbon_reports/static/src/**/*"],
        "web.assets_unit_tests": ["energy_carbon_reports/static/tests/*.test.js"],
        "web.assets_tests": ["energy_carbon_reports/static/tests/tours/*.js"],
    },
}
