"""The wall around the key of an edge agent. Extends ir.http."""

from werkzeug.exceptions import Forbidden

from odoo import models
from odoo.http import request

from .energy_modbus_agent import AGENT_GROUP, AGENT_METHODS

_AGENT_MODEL = "energy.modbus.agent"


class IrHttp(models.AbstractModel):
    """Who is an edge agent may call its two methods and nothing else, whatever other rights let everybody do."""

    _inherit = "ir.http"

    @classmethod
    def _pre_dispatch(cls, rule, args):
        request.energy_agent = bool(request.env.uid) and request.env.user.has_group(AGENT_GROUP)
        called = args.get("__model__"), args.get("__method__")
        if request.energy_agent and (called[0] != _AGENT_MODEL or called[1] not in AGENT_METHODS):
            raise Forbidden(
                request.env._("An edge agent fetches its configuration and appends readings, nothing else.")
            )
        return super()._pre_dispatch(rule, args)

    @classmethod
    def _handle_error(cls, exception):
        # Where the agent stands, people outside the company may read its log: it learns what is wrong, not our insides.
        if getattr(request, "energy_agent", False):
            exception = exception.with_traceback(None)
            exception.__cause__, exception.__context__ = None, None
        return super()._handle_error(exception)
