"""Which energy counts in a total: the boundary rule of DESIGN.md, section 5. Reads the uses; computes no value."""

INWARD = {"consumption", "purchase", "own_generation", "stock_out"}
OUTWARD = {"sale"}
OWN_MADE = ("own_secondary", "own_medium")
MEDIA = ("purchased_medium", "own_medium")
MEDIA_TOTAL = "T.MED"

# What an auxiliary service makes was energy before; what other units make (PV) is not.
USES = """
    SELECT split_part(n.parent_path, '/', 1)::int, u.energy_type_id,
           array_agg(DISTINCT CASE WHEN u.role = 'made' AND n.unit_type = 'service' THEN 'transformed' ELSE u.role END)
      FROM energy_node_use u JOIN energy_node n ON n.id = u.node_id
     WHERE n.company_id = %s GROUP BY 1, 2
"""


class Boundary:
    """Decides for one company which sources a total takes, and with which sign."""

    def __init__(self, env, company):
        env.cr.execute("SELECT id, category, scope FROM energy_type")
        self.category, self.scope = {}, {}
        for type_id, category, scope in env.cr.fetchall():
            self.category[type_id], self.scope[type_id] = category, scope
        env.cr.execute(USES, [company.id])
        self.roles = {(root, type_id): set(roles) for root, type_id, roles in env.cr.fetchall()}
        env.cr.execute(
            "SELECT id FROM energy_node WHERE company_id = %s AND unit_type IN ('living', 'tenant')", [company.id]
        )
        self.inside_customers = {row[0] for row in env.cr.fetchall()}

    def own_made(self, path: list[int], type_id: int, flow: str) -> bool:
        """Whether this energy was made inside the plant from other energy, so that adding it would count twice.

        :param path: ids from the plant down to the node
        :param flow: flow direction of the indicator; what is bought is never own-made, and what is sold left the plant
        """
        if not type_id or flow in ("purchase", "stock_out"):
            return False
        category = self.category.get(type_id)
        if flow in OUTWARD and category not in MEDIA:
            return False
        roles = self.roles.get((path[0], type_id), set()) if path else set()
        if "transformed" in roles:
            return True
        if flow == "own_generation":
            return category in OWN_MADE
        if "purchased" in roles:
            return False
        return category in OWN_MADE or "made" in roles

    def weight(self, target, source) -> tuple[float, str | None]:
        """Sign of a source in a target, or why it is left out.

        :param target: row of the computed indicator; source: row of the input
        :return: (1, None), (-1, None) for what leaves by sale, or (0, reason)
        """
        if target.kind != "derived" or target.scope != "total" or not source.is_amount:
            return 1.0, None
        if self.own_made(source.path, source.energy_type_id, source.flow):
            return 0.0, "own_made"
        medium = self.category.get(source.energy_type_id) in MEDIA
        if medium != (target.code == MEDIA_TOTAL) and target.measure in ("coal", "coal_equivalent"):
            return 0.0, "medium" if medium else "no_medium"
        if target.measure in ("carbon", "carbon_market") and not self.scope.get(source.energy_type_id):
            return 0.0, "no_scope"
        if source.flow in OUTWARD:
            # What a tenant inside the plant is billed for has not left the plant.
            return (0.0, "inside") if self.inside_customers.intersection(source.path) else (-1.0, None)
        if source.flow not in INWARD:
            return 0.0, "inside"
        return 1.0, None
