"""The download of a report's Excel file."""

from werkzeug.exceptions import NotFound

from odoo import http
from odoo.exceptions import AccessError, UserError
from odoo.http import content_disposition, request

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class EnergyReportController(http.Controller):
    @http.route(
        "/energy_carbon_reports/xlsx/<int:wizard_id>", type="http", auth="user", methods=["GET", "POST"], readonly=True
    )
    def xlsx(self, wizard_id: int, token: str | None = None):
        """The file of one's own report; anybody else's is as if it were not there.

        :param token: what the web client sends along with every download; not needed here
        """
        try:
            wizard = request.env["energy.report.wizard"]._owned(wizard_id)
            content, name = wizard._xlsx(), wizard._xlsx_name()
        except (AccessError, UserError) as error:
            raise NotFound(str(error)) from None
        headers = [
            ("Content-Type", XLSX),
            ("Content-Length", len(content)),
            ("Content-Disposition", content_disposition(name)),
            ("Cache-Control", "no-store"),
        ]
        return request.make_response(content, headers)
