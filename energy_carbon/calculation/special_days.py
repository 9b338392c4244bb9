"""Which dates are special for a company: holidays, moved workdays. Reads their table; knows no tariffs."""

DAYS = """
    SELECT DISTINCT ON (d.date) d.date, CASE WHEN d.kind = 'holiday' THEN d.holiday ELSE d.kind END
      FROM energy_day d
     WHERE d.company_id = %(company)s OR (d.company_id IS NULL AND d.country_id = %(country)s)
     ORDER BY d.date, d.company_id NULLS LAST
"""


def special_days(env, company) -> dict[int, str]:
    """Special days by ordinal, as :func:`engine.tou.day_classes` takes them; a company's own go before its country's."""
    env["energy.day"].flush_model()
    env.cr.execute(DAYS, {"company": company.id, "country": company.sudo().country_id.id or None})
    return {day.toordinal(): special for day, special in env.cr.fetchall()}
