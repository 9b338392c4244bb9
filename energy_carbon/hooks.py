"""Installation and uninstallation of what the ORM does not know about."""

from .calculation import profiles, readings


def post_init_hook(env):
    """Make the first partitions of the readings and the calculation row of every company."""
    readings.ensure_ahead(env.cr)
    env.cr.execute(
        "INSERT INTO energy_calculation (company_id, run) SELECT id, 0 FROM res_company ON CONFLICT DO NOTHING"
    )


def uninstall_hook(env):
    """Remove readings and profiles; readings refer to indicators, which could not be removed otherwise."""
    readings.drop_table(env.cr)
    profiles.drop_table(env.cr)
