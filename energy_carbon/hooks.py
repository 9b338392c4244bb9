"""Installation and uninstallation of what the ORM does not know about."""

from .calculation import readings


def post_init_hook(env):
    """Make the first partitions of the readings and the calculation row of every company."""
    readings.ensure_ahead(env.cr)
    env.cr.execute(
        "INSERT INTO energy_calculation (company_id, run) SELECT id, 0 FROM res_company ON CONFLICT DO NOTHING"
    )


def uninstall_hook(env):
    """Remove the readings; they refer to indicators, which could not be removed otherwise."""
    readings.drop_table(env.cr)
