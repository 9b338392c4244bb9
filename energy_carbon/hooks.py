"""Installation and uninstallation of what the ORM does not know about."""


def post_init_hook(env):
    """Nothing to do yet."""


def uninstall_hook(env):
    """Nothing to do yet."""
