"""Odoo shell script: a login for each role in the company with the most nodes, its name as password; makes what lacks."""

# ruff: noqa: F821 - env is Odoo's shell's
env.cr.execute("SELECT company_id FROM energy_node GROUP BY company_id ORDER BY COUNT(*) DESC, company_id LIMIT 1")
row = env.cr.fetchone()
company = env["res.company"].browse(row[0]) if row else env.company
env["res.users"].browse(env.uid).company_ids |= company
units = env["energy.node"].search([("company_id", "=", company.id), ("kind", "=", "unit")], order="id")
plant, workshop = units.filtered(lambda unit: not unit.parent_id)[:1], units.filtered("parent_id")[:1]
nodes = {"clerk": workshop, "viewer": plant}
Users = env["res.users"].with_context(no_reset_password=True, active_test=False)
for role in ("manager", "clerk", "engineer", "accountant", "auditor", "viewer"):
    if Users.search_count([("login", "=", role)]):
        continue
    Users.create(
        {
            "name": role.capitalize(),
            "login": role,
            "password": role,
            "tz": company.energy_timezone,
            "company_id": company.id,
            "company_ids": [(6, 0, company.ids)],
            "group_ids": [(6, 0, env.ref(f"energy_carbon.group_{role}").ids)],
            **({"energy_node_ids": [(6, 0, nodes[role].ids)]} if role in nodes else {}),
        }
    )
# Whoever shows pictures sees no tips for beginners.
env.ref("base.user_admin").write({"company_ids": [(4, company.id)], "company_id": company.id})
env.cr.commit()
