"""Calls as a program makes them that is wrong, or old, or means no good; shared by the energy addons."""

from odoo.exceptions import UserError
from odoo.service.model import get_public_method
from odoo.tools import mute_logger

ODD_IDS = ([], [2**31 - 1], ["x"], [2**70], [0], [-1], "x", 5, None, [None], [[1]], [1.5], {"a": 1})
ODD = (
    *(None, False, True, -1, 0, 2**31, 2**70, 10**400, 1.5, float("nan"), float("inf")),
    *("x", "", "²", "99999999999", "2025-13-45", "0001-01-01", "9999-12-31", "\x00", "%s", "';--"),
    *([], {}, [1], ["x"], [None], [[]], [["x"]], {"a": 1}, [{"a": 1}], [[1, 2]]),
    *([["id", "in", ["x"]]], [["id", "=", 2**70]], [["nope", "=", 1]], [[["id"], "=", 1]]),
)
# Odoo's own, which the addons only extend.
ODOOS = {"create", "write", "unlink", "copy", "copy_data", "onchange", "init", "fields_get", "default_get", "get_empty_list_help"}


class Undo(Exception):
    """Takes back what a call did that was let through."""


class OddRequestCase:
    """Asks whatever can be asked from outside; the answer is a figure or a sentence, never an error of a program."""

    def own_methods(self, addon: str, of_model: bool) -> list[tuple[str, str]]:
        """What clients can call of an addon's models: (model, method), those of no record or those of records."""
        found = []
        for name in sorted(name for name in self.env.registry if name.startswith("energy.")):
            for definition in type(self.env[name])._model_classes__:
                if not definition.__module__.startswith(f"odoo.addons.{addon}."):
                    continue
                for method, call in vars(definition).items():
                    if method.startswith("_") or method in ODOOS or not callable(call) or isinstance(call, type):
                        continue
                    own = getattr(type(self.env[name]), method)
                    if not getattr(own, "_api_private", False) and bool(getattr(own, "_api_model", False)) == of_model:
                        found.append((name, method))
        return sorted(set(found))

    def ask(self, user, model: str, method: str, ids=(), **arguments):
        """Call as Odoo calls for a client, and take back what it did."""
        records = self.env[model].with_user(user)
        call = get_public_method(records, method)
        records = records if getattr(call, "_api_model", False) else records.browse(ids)
        quiet = mute_logger("odoo.sql_db", "odoo.addons.base.models.ir_rule", "odoo.addons.base.models.ir_model")
        try:
            with quiet, self.env.cr.savepoint():
                call(records, **arguments)
                self.env.flush_all()
                raise Undo
        except (UserError, Undo) as end:
            self.assertTrue(isinstance(end, Undo) or str(end).strip(), "refused without a word")

    def ask_oddly(self, user, model: str, method: str, /, **arguments):
        """Call with the arguments given, which are right, and with each of them wrong in every way."""
        self.ask(user, model, method, **arguments)
        for name in arguments:
            for odd in ODD:
                with self.subTest(model=model, method=method, argument=name, odd=str(odd)[:40]):
                    self.ask(user, model, method, **{**arguments, name: odd})

    def ask_oddly_within(self, user, model: str, method: str, arguments):
        """Call with arguments of which a part is wrong in every way.

        :param arguments: from what is wrong to all arguments
        """
        for odd in ODD:
            with self.subTest(model=model, method=method, arguments=str(arguments(odd))[:200]):
                self.ask(user, model, method, **arguments(odd))

    def press_oddly(self, user, addon: str):
        """Call every method of records with what are no records."""
        pressed = self.own_methods(addon, of_model=False)
        self.assertTrue(pressed)
        for model, method in pressed:
            for ids in ODD_IDS:
                with self.subTest(model=model, method=method, ids=ids):
                    self.ask(user, model, method, ids)
