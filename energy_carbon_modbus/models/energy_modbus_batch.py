"""A poll's readings on their way to PostgreSQL: plausible or not, stored, or kept until they can be. Extends the gateway."""

from __future__ import annotations

import logging
from datetime import UTC
from functools import partial
from pathlib import Path

import numpy as np
import psycopg2

from odoo import models

from ..tools.batch_spool import BATCH
from ..tools.plausibility import GOOD, Expectation, quality
from ..tools.polling import Plan, Run
from .energy_calculation import CALCULATE_LATER

_logger = logging.getLogger(__name__)


class OneByOne(Exception):
    """What came of several gateways is to be stored gateway by gateway."""


class EnergyModbusBatch(models.Model):
    """Readings are stored in short transactions; the first value of a moment wins."""

    _inherit = "energy.modbus.gateway"

    # === PLAUSIBILITY === #
    def _plan_expectations(self, plan: Plan, meter):
        """What is plausible of the meter's counters: rated power of the device it measures, register maximum."""
        rated = meter.parent_id.rated_power if meter.parent_id.kind == "device" else 0.0
        kilowatt_hour = self.env.ref("energy_carbon.uom_kwh")
        indicators = meter.indicator_ids.filtered(lambda one: one.id in plan.names and one.kind == "counter")
        for indicator in indicators:
            hourly = None
            if rated and indicator.uom_id._has_common_reference(kilowatt_hour):
                hourly = kilowatt_hour._compute_quantity(rated, indicator.uom_id, round=False)
                hourly /= (meter.ratio or 1.0) if indicator.secondary_side else 1.0
            maximum = meter.register_maximum if indicator.main_total else 0.0
            plan.expected[indicator.id] = Expectation(hourly, maximum or None)

    def _batches(self, plans: list[Plan]) -> list[np.ndarray]:
        """Each poll's good readings with their quality, shape (n,)."""
        batches = [good_readings(plan) for plan in plans]
        counters = [self._counter_places(plan, batch) for plan, batch in zip(plans, batches, strict=True)]
        last = self._last_counters([key for places in counters for key in places])
        for plan, batch, places in zip(plans, batches, counters, strict=True):
            for key, place in places.items():
                if key in last:
                    _key, moment, value, _quality = batch[place].item()
                    batch["quality"][place] = quality(plan.expected[key], moment, value, last[key])
        return batches

    def _counter_places(self, plan: Plan, batch: np.ndarray) -> dict[int, int]:
        """Where in a poll's readings those are of which it is known what is plausible, by indicator id."""
        if not plan.expected:
            return {}
        return {key: place for place, key in enumerate(batch["indicator"].tolist()) if key in plan.expected}

    def _last_counters(self, indicator_ids: list[int]) -> dict[int, tuple[int, float, int]]:
        """Time, register and quality of each counter's last reading."""
        if not indicator_ids:
            return {}
        self.env.cr.execute(
            """SELECT i.id, extract(epoch FROM r.time)::int8, r.value, r.quality
                 FROM unnest(%s::int4[]) AS i(id) CROSS JOIN LATERAL (
                      SELECT time, value, quality FROM energy_reading_raw
                       WHERE indicator_id = i.id ORDER BY time DESC LIMIT 1) r""",
            [indicator_ids],
        )
        return {row[0]: row[1:] for row in self.env.cr.fetchall()}

    # === STORING === #
    def _append_batch(self, batch: np.ndarray) -> dict:
        """Append readings; the values follow later."""
        readings = self.env["energy.reading"].sudo().with_context(**{CALCULATE_LATER: True})
        return readings._append(batch["indicator"], batch["time"], batch["value"], batch["quality"])

    def _append_batches(self, plans: list[Plan], batches: list[np.ndarray]) -> list[dict]:
        """Append the readings of several gateways at once.

        :return: what became of each gateway's, as ``energy.reading._append`` tells it
        :raises OneByOne: that cannot be told, for want of knowing whose they are
        """
        if not plans:
            return []
        outcome = self._append_batch(np.concatenate(batches))
        if len(plans) == 1:
            return [outcome]
        if outcome["duplicates"]:
            raise OneByOne("Some of the readings were known already.")
        outcomes = []
        for plan, batch in zip(plans, batches, strict=True):
            refused = [row for row in outcome["refused"] if row[0] in plan.units]
            outcomes.append({"stored": len(batch) - len(refused), "duplicates": 0, "differing": 0, "refused": refused})
        return outcomes

    def _keep_batch(self, plan: Plan, run: Run):
        """Keep a gateway's readings on disk, since PostgreSQL did not take them; the next run writes them."""
        run.lost = run.lost or self.env.cr.closed or bool(self.env.cr._cnx.closed)
        batch = good_readings(plan)
        if not len(batch):
            return
        try:
            run.spool.keep(plan.key, batch)
        except OSError:  # neither PostgreSQL nor the disk: the log is what is left
            _logger.critical("%s readings of Modbus gateway %s are lost: no disk", len(batch), plan.key, exc_info=True)

    def _store_kept(self, run: Run) -> set[int]:
        """Write what earlier runs could not.

        :return: ids of the companies whose values follow
        """
        companies: set[int] = set()
        for place, batch in run.spool.batches():
            try:
                companies |= self._in_transaction(partial(self._store_one_kept, batch))
            except (psycopg2.OperationalError, psycopg2.InterfaceError):
                _logger.warning("Kept readings stay in %s: PostgreSQL does not take them yet", place)
                self._forget_transaction()
                raise
            except Exception:  # they would stop the collection for ever
                _logger.exception("Kept readings cannot be stored and are put aside: %s", place)
                self._forget_transaction()
                self._put_aside(run, place)
            else:
                run.spool.done(place)
        return companies

    def _store_one_kept(self, batch: np.ndarray) -> set[int]:
        outcome = self._append_batch(batch)
        _logger.info("%s kept readings are stored", outcome["stored"])
        indicators = self.env["energy.indicator"].sudo().browse(np.unique(batch["indicator"]).tolist()).exists()
        return set(indicators.company_id.ids)

    def _put_aside(self, run: Run, place: Path):
        try:
            run.spool.put_aside(place)
        except OSError:
            _logger.exception("%s cannot be renamed", place)


def good_readings(plan: Plan) -> np.ndarray:
    """What a poll's points gave, taken for good, shape (n,)."""
    keys, times, values = plan.outcome.good()
    batch = np.empty(len(keys), BATCH)
    batch["indicator"], batch["time"], batch["value"], batch["quality"] = keys, times, values, GOOD
    return batch


def epoch(moment) -> float:
    """Seconds since the epoch of a time as Odoo stores it."""
    return moment.replace(tzinfo=UTC).timestamp()
