"""Explain: what a price is made of, its VAT, and the tiers that were reached."""

from odoo import fields, models

from ..calculation.factor_book import Context, FactorBook
from ..calculation.tier_costs import amounts_by_tier


class EnergyIndicatorExplainPrice(models.Model):
    """A price is shown as it entered cost: net of VAT, for a unit of the indicator, with the components it was built of."""

    _inherit = "energy.indicator"

    def _explain_basis(self, first, last, measure) -> dict:
        answer = super()._explain_basis(first, last, measure)
        if any("tier_id" in line for line in answer["prices"]):
            context = Context(self.energy_type_id.id, self.uom_id.id, None, "normal", (), False)
            book = FactorBook(self.env(su=True), self.company_id.sudo())
            amounts = amounts_by_tier(book, context, self.id, first, last)
            for line in answer["prices"]:
                if line.get("tier_id") in amounts:
                    line.update(amount=amounts[line["tier_id"]], amount_unit=self.uom_id.name)
        return answer

    def _explain_prices(self, detail) -> list[dict]:
        """The price of the day or hour first, then the tiers that its volume reached."""
        lines = super()._explain_prices(detail)
        return lines + [self._explain_tier(used) for used in (detail or {}).get("tiers", [])]

    def _explain_price(self, detail) -> dict:
        line = super()._explain_price(detail)
        price = self.env["energy.tariff.price"].sudo().browse(detail["id"]).exists() if detail["id"] > 0 else None
        if price and price.tariff_id.prices_include_vat:
            line["vat"] = self.env._(
                "%(gross)s with %(rate)s %% VAT",
                gross=f"{price.price:.6g} {price.currency_id.name}/{price.uom_id.name}",
                rate=f"{price.tariff_id.vat_rate:g}",
            )
        parts = detail.get("parts") or []
        if parts:
            line["parts"] = self._explain_parts(parts, detail["per_unit"])
        return line

    def _explain_parts(self, parts: list[dict], per_unit: float) -> list[dict]:
        """Contribution of each component to the price used; together they are the price."""
        total = sum(part["price"] for part in parts)
        scale = per_unit / total if total else 1.0
        components = self.env["energy.tariff.component"].sudo().browse(
            [part["component"] for part in parts if part["component"]]
        )
        names = {component.id: component.name for component in components.exists()}
        found = []
        for part in parts:
            label = names.get(part["component"], self.env._("Deleted component"))
            if not part["component"]:
                label = self.env._("Amount by which the period floats")
            elif part["base"] and part["price"] != part["base"]:
                label = self.env._(
                    "%(component)s × %(ratio)s", component=label, ratio=f"{part['price'] / part['base']:.6g}"
                )
            found.append({"label": label, "price": part["price"] * scale})
        return found

    def _explain_tier(self, used: dict) -> dict:
        """A line of a tier: its price in place of the day's, or on top of it."""
        tier = self.env["energy.tariff.tier"].sudo().browse(used["id"]).exists()
        kinds = dict(self.env["energy.tariff.tier"]._fields["kind"]._description_selection(self.env))
        line = {
            "tier_id": used["id"],
            "label": self.env._("Tier"),
            "price": used["per_unit"],
            "unit": f"{self.company_id.currency_id.name}/{self.uom_id.name}",
            "state": kinds[used["kind"]],
        }
        if tier:
            line.update(
                label=self.env._("Above %(volume)s %(unit)s", volume=f"{tier.above:,.12g}", unit=tier.uom_id.name),
                valid_from=fields.Date.to_string(tier.date_from),
                tariff=tier.tariff_id.name,
            )
        return line
