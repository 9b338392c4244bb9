"""Auxiliary services as transformation nodes: what their own energy costs, and who bears it. Must not know units or tables.

A service (boiler house, air station) takes energy in and delivers *products* (steam, compressed air) to units, other
services among them. Two presentations say what each unit used; both add up to the plant's total:

* *loss at source*: steam is charged at its standard coefficient, so conversion and network losses stay with the service;
* *passed on*: products are charged at their own coefficient, input / delivered output, so nothing stays with the service.

Figures come in several measures at once (standard coal, carbon, cost), the last axis ``k``.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .arrays import BoolArray, FloatArray


@dataclass(frozen=True)
class Network:
    """Services, products and units of a plant in one period.

    :ivar direct: what each unit used of energy that is not a product, NaN where it has no factor or price, shape (n, k)
    :ivar used: product amounts that arrived at each unit, shape (n, p)
    :ivar made: product amounts that left each service, NaN where nobody measured, shape (n, p)
    :ivar share: part of each service's input that goes into each product; rows of services sum to 1, others 0, shape (n, p)
    :ivar standard: charge per unit of product at its standard coefficient, NaN: charged at its own, shape (p, k)
    """

    direct: FloatArray
    used: FloatArray
    made: FloatArray
    share: FloatArray
    standard: FloatArray

    @property
    def delivered(self) -> FloatArray:
        """Product amounts that arrived anywhere, shape (p,)."""
        return self.used.sum(axis=0)


@dataclass(frozen=True)
class Presentation:
    """One way of saying what each unit used.

    :ivar charge: charge per unit of product, NaN for products that reach nobody, shape (p, k)
    :ivar total: what each unit bears; sums to the sum of ``direct``, NaN where something is unknown, shape (n, k)
    """

    charge: FloatArray
    total: FloatArray


def passed_on(network: Network) -> Presentation:
    """Charge products at their own coefficient: what the services took in / what was delivered.

    Services that use each other's products make a linear system: charge x delivered = direct input + products used x
    their charge. A product that reaches no unit outside the services is not charged; its input stays where it is.

    :param network: the plant in a period
    :return: own coefficients and what each unit bears
    """
    return _present(network, np.full_like(network.standard, np.nan))


def loss_at_source(network: Network) -> Presentation:
    """Charge products at their standard coefficient where they have one, working media at their own.

    What a service took in and did not charge remains with it: own power, conversion loss and network loss.

    :param network: the plant in a period
    :return: charges and what each unit bears
    """
    return _present(network, network.standard)


def spread_common(total: FloatArray, common: BoolArray, producing: BoolArray) -> FloatArray:
    """Spread common use (offices, losses) over producing units in proportion to what these bear.

    :param total: what each unit bears, shape (n, k)
    :param common: units whose figure is spread, shape (n,); producing: units that take it, shape (n,)
    :return: figures after spreading; the sum stays. Without producing units, or with nothing borne by them, nothing is
        spread, shape (n, k)
    """
    basis = np.where(producing[:, None], total, 0.0)
    weight = basis.sum(axis=0)
    amount = np.where(common[:, None], total, 0.0).sum(axis=0)
    spread = weight > 0
    share = np.divide(basis, weight, out=np.zeros_like(basis), where=spread)
    result = total + share * np.nan_to_num(amount)
    result[common] = np.where(spread, 0.0, total[common])
    return np.where(np.isnan(weight + amount) & (common | producing)[:, None], np.nan, result)


def shares_of_products(made: FloatArray, content: FloatArray) -> FloatArray:
    """How the input of each service divides over its products: by the energy they contain.

    :param made: amounts that left each service, 0 or NaN for what it does not make, shape (n, p)
    :param content: energy in a unit of each product, NaN where unknown, shape (p,)
    :return: shares; a service with one product gives it everything, one whose products cannot be compared divides by
        their number, shape (n, p)
    """
    makes = np.nan_to_num(made) > 0
    energy = np.where(makes, np.nan_to_num(made) * content, 0.0)
    comparable = ~np.isnan(energy).any(axis=1) & (energy.sum(axis=1) > 0)
    basis = np.where(comparable[:, None], np.nan_to_num(energy), makes.astype(float))
    weight = basis.sum(axis=1, keepdims=True)
    return np.divide(basis, weight, out=np.zeros_like(basis), where=weight > 0)


def arriving(used: FloatArray, share: FloatArray) -> BoolArray:
    """Which products reach a unit outside the services, perhaps by way of other services, shape (p,).

    :param used: product amounts that arrived at each unit, shape (n, p); share: as in :class:`Network`
    """
    service = share.any(axis=1)
    reaches = (used[~service] > 0).any(axis=0)
    # A product reaches whom the products made with it reach; at most one step further for each product.
    feeds = (np.where(service[:, None], used, 0.0).T @ share) > 0
    for _step in range(used.shape[1]):
        reaches = reaches | (feeds & reaches).any(axis=1)
    return reaches


def _present(network: Network, standard: FloatArray) -> Presentation:
    """Solve the charges that are not given, and add up what each unit bears.

    Every product's charge x delivered is taken off its makers: at own coefficient by the input each put in, at standard
    by the amount each made.
    """
    live = arriving(network.used, network.share)
    charge = _charges(network, standard, live)
    unknown = np.isnan(charge) & live[:, None]
    flat = np.nan_to_num(charge)
    direct = np.nan_to_num(network.direct)
    taken_in = direct + network.used @ flat
    own = np.isnan(standard) & live[:, None]
    # The part of a service's input that its own coefficients do not charge, added up: 1 - what they charge would leave
    # rounding of a large input.
    keeps = np.where(network.share.any(axis=1)[:, None], network.share @ (~own).astype(float), 1.0)
    given = _made_share(network) @ (np.where(own, 0.0, flat) * network.delivered[:, None])
    missing = np.isnan(network.direct) | ((network.used > 0).astype(float) @ unknown > 0)
    missing |= (network.share > 0).astype(float) @ unknown > 0
    total = np.where(missing, np.nan, keeps * taken_in - given)
    return Presentation(np.where(live[:, None], charge, np.nan), total)


def _charges(network: Network, standard: FloatArray, live: BoolArray) -> FloatArray:
    """Charge per unit of each product: the standard ones as given, the others by their own linear system, shape (p, k)."""
    service = network.share.any(axis=1)
    # circulated[p, q]: amount of product q used to make product p.
    circulated = network.share.T @ np.where(service[:, None], network.used, 0.0)
    charge = np.zeros_like(standard)
    for measure in range(standard.shape[1]):
        own = np.isnan(standard[:, measure]) & live
        given = np.where(live & ~own, np.nan_to_num(standard[:, measure]), 0.0)
        direct = network.direct[:, measure]
        needed = network.share.T @ np.nan_to_num(direct) + circulated @ given
        leaving = network.used[~service].sum(axis=0) + circulated[~own].sum(axis=0)
        charge[:, measure] = given
        charge[own, measure] = _solve(circulated[np.ix_(own, own)], leaving[own], needed[own])
        charge[own & _reached_by_unknown(network, own, circulated, direct), measure] = np.nan
    return charge


def _solve(circulated: FloatArray, leaving: FloatArray, needed: FloatArray) -> FloatArray:
    """Charges x with (leaving + amounts circulated) x = needed + circulated x, without a subtraction.

    Services that hand nearly everything to each other make the matrix nearly singular; elimination that carries the
    column sums (Grassmann, Taksar, Heyman 1985) instead of the diagonal keeps every digit.

    :param circulated: amount of product q used to make product p, shape (p, p)
    :param leaving: amount of each product that makes none of these, shape (p,); something leaves from every circle
    :param needed: input from elsewhere into each product, shape (p,)
    :return: charge per unit of product, shape (p,)
    """
    flow, leaving, charge = circulated.copy(), leaving.copy(), needed.copy()
    n, pivot = len(charge), np.ones(len(charge))
    for k in range(n):
        rest = slice(k + 1, n)
        pivot[k] = leaving[k] + flow[rest, k].sum()
        feeds = flow[k, rest] / pivot[k]
        charge[rest] += flow[rest, k] * (charge[k] / pivot[k])
        leaving[rest] += feeds * leaving[k]
        flow[rest, rest] += np.outer(flow[rest, k], feeds)
    for k in reversed(range(n)):
        charge[k] = (charge[k] + flow[k, k + 1 :] @ charge[k + 1 :]) / pivot[k]
    return charge


def _reached_by_unknown(network: Network, own: BoolArray, circulated: FloatArray, direct: FloatArray) -> BoolArray:
    """Products that some input without factor or price went into, directly or by way of other products, shape (p,)."""
    unknown = own & ((network.share > 0).T @ np.isnan(direct).astype(float) > 0)
    for _step in range(len(own)):
        unknown = unknown | (own & ((circulated > 0) & unknown).any(axis=1))
    return unknown


def _made_share(network: Network) -> FloatArray:
    """Part of each product that each service made; by input where nobody measured, columns sum to 1, shape (n, p)."""
    made = np.where(network.share > 0, network.made, 0.0)
    measured = ~np.isnan(made).any(axis=0) & (made.sum(axis=0) > 0)
    basis = np.where(measured, made, network.share)
    return basis / np.maximum(basis.sum(axis=0), np.finfo(float).tiny)
