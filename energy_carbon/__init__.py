"""Energy and carbon management: the core addon.

``engine`` is plain Python and numpy and is imported without Odoo by the tests; the models are only imported when Odoo
itself loads the addon.
"""

if __name__.startswith("odoo.addons."):
    from . import models, wizard
    from .hooks import post_init_hook, uninstall_hook
