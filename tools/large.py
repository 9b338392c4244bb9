"""`make demo-large`: a database with 1,000 meters and a month of quarter-hours, to see that screens stay quick.

Must not know which screens there are.
"""

from datetime import date, timedelta

from . import databases, odoo
from .cluster import Server
from .large_plant import script
from .paths import ROOT
from .progress import step

DATABASE = "energy_large"
METERS, DEVICES, WORKSHOPS = 1000, 200, 10
DAYS = 31
DERIVED = ("EL.TCE", "EL.CO2", "EL.COST", "T.TCE", "T.CO2L", "T.COST")
COMPUTE = """
calculation = env["energy.calculation"]
calculation._mark(forward, first, first + datetime.timedelta(days=DAYS - 1))
calculation._process(company)
env.cr.commit()
"""
LOGINS = ROOT / "tools/role_logins.py"


def run(server: Server) -> None:
    """Make the database anew, with figures up to yesterday and a login for each role."""
    shape, first = (METERS, DEVICES, WORKSHOPS, DAYS), date.today() - timedelta(DAYS)
    code = script(shape, first, DERIVED) + COMPUTE + LOGINS.read_text()
    databases.drop_if_there(server, DATABASE)
    with databases.template(server) as template, step(f"make {DATABASE}: {METERS} meters, {DAYS} days"):
        odoo.duplicate(template, DATABASE)
        odoo.run_script(DATABASE, code, "large.log")
    print(f"  logins as in the demo: make serve DB={DATABASE}")
