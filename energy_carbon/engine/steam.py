"""Enthalpy of water and steam by the industrial formulation IAPWS-IF97. Must not know energy types or meters.

Coefficients and verification values: IAPWS R7-97(2012), Revised Release on the IAPWS Industrial Formulation 1997, tables
2 (region 1), 10 and 11 (region 2) and 34 (saturation). Pressures are absolute.
"""

import math

GAS_CONSTANT = 0.461526
"""Specific gas constant of water, kJ/(kg K) (R7-97, equation 1)."""
ZERO_CELSIUS = 273.15
LOWEST_PRESSURE, HIGHEST_PRESSURE = 0.000611213, 16.529164
"""MPa. From the saturation pressure at 0 °C to that at 350 °C, above which region 3 begins: no plant's steam network."""
HIGHEST_TEMPERATURE = 800.0
"""°C, upper limit of region 2."""

# fmt: off
REGION_1 = (
    (0, -2, 0.14632971213167), (0, -1, -0.84548187169114), (0, 0, -0.37563603672040e1), (0, 1, 0.33855169168385e1),
    (0, 2, -0.95791963387872), (0, 3, 0.15772038513228), (0, 4, -0.16616417199501e-1), (0, 5, 0.81214629983568e-3),
    (1, -9, 0.28319080123804e-3), (1, -7, -0.60706301565874e-3), (1, -1, -0.18990068218419e-1),
    (1, 0, -0.32529748770505e-1), (1, 1, -0.21841717175414e-1), (1, 3, -0.52838357969930e-4),
    (2, -3, -0.47184321073267e-3), (2, 0, -0.30001780793026e-3), (2, 1, 0.47661393906987e-4),
    (2, 3, -0.44141845330846e-5), (2, 17, -0.72694996297594e-15), (3, -4, -0.31679644845054e-4),
    (3, 0, -0.28270797985312e-5), (3, 6, -0.85205128120103e-9), (4, -5, -0.22425281908000e-5),
    (4, -2, -0.65171222895601e-6), (4, 10, -0.14341729937924e-12), (5, -8, -0.40516996860117e-6),
    (8, -11, -0.12734301741641e-8), (8, -6, -0.17424871230634e-9), (21, -29, -0.68762131295531e-18),
    (23, -31, 0.14478307828521e-19), (29, -38, 0.26335781662795e-22), (30, -39, -0.11947622640071e-22),
    (31, -40, 0.18228094581404e-23), (32, -41, -0.93537087292458e-25),
)
REGION_2_IDEAL = (
    (0, -0.96927686500217e1), (1, 0.10086655968018e2), (-5, -0.56087911283020e-2), (-4, 0.71452738081455e-1),
    (-3, -0.40710498223928), (-2, 0.14240819171444e1), (-1, -0.43839511319450e1), (2, -0.28408632460772),
    (3, 0.21268463753307e-1),
)
REGION_2_RESIDUAL = (
    (1, 0, -0.17731742473213e-2), (1, 1, -0.17834862292358e-1), (1, 2, -0.45996013696365e-1),
    (1, 3, -0.57581259083432e-1), (1, 6, -0.50325278727930e-1), (2, 1, -0.33032641670203e-4),
    (2, 2, -0.18948987516315e-3), (2, 4, -0.39392777243355e-2), (2, 7, -0.43797295650573e-1),
    (2, 36, -0.26674547914087e-4), (3, 0, 0.20481737692309e-7), (3, 1, 0.43870667284435e-6),
    (3, 3, -0.32277677238570e-4), (3, 6, -0.15033924542148e-2), (3, 35, -0.40668253562649e-1),
    (4, 1, -0.78847309559367e-9), (4, 2, 0.12790717852285e-7), (4, 3, 0.48225372718507e-6),
    (5, 7, 0.22922076337661e-5), (6, 3, -0.16714766451061e-10), (6, 16, -0.21171472321355e-2),
    (6, 35, -0.23895741934104e2), (7, 0, -0.59059564324270e-17), (7, 11, -0.12621808899101e-5),
    (7, 25, -0.38946842435739e-1), (8, 8, 0.11256211360459e-10), (8, 36, -0.82311340897998e1),
    (9, 13, 0.19809712802088e-7), (10, 4, 0.10406965210174e-18), (10, 10, -0.10234747095929e-12),
    (10, 14, -0.10018179379511e-8), (16, 29, -0.80882908646985e-10), (16, 50, 0.10693031879409),
    (18, 57, -0.33662250574171), (20, 20, 0.89185845355421e-24), (20, 35, 0.30629316876232e-12),
    (20, 48, -0.42002467698208e-5), (21, 21, -0.59056029685639e-25), (22, 53, 0.37826947613457e-5),
    (23, 39, -0.12768608934681e-14), (24, 26, 0.73087610595061e-28), (24, 40, 0.55414715350778e-16),
    (24, 58, -0.94369707241210e-6),
)
SATURATION = (
    0.11670521452767e4, -0.72421316703206e6, -0.17073846940092e2, 0.12020824702470e5, -0.32325550322333e7,
    0.14915108613530e2, -0.48232657361591e4, 0.40511340542057e6, -0.23855557567849, 0.65017534844798e3,
)
# fmt: on


class OutsideRange(ValueError):
    """Pressure or temperature lies where these equations do not hold, or where the water is not what was asked for."""


def saturation_temperature(pressure: float) -> float:
    """Boiling temperature at a pressure (R7-97, equation 31).

    >>> round(saturation_temperature(1.0) + 273.15, 6)
    453.035632

    :param pressure: MPa, absolute
    :return: °C
    :raises OutsideRange: the pressure is not between 0.000611 and 16.53 MPa
    """
    if not LOWEST_PRESSURE <= pressure <= HIGHEST_PRESSURE:
        raise OutsideRange(f"{pressure} MPa is not between {LOWEST_PRESSURE} and {HIGHEST_PRESSURE} MPa.")
    n = (0.0, *SATURATION)
    beta = pressure**0.25
    e = beta * beta + n[3] * beta + n[6]
    f = n[1] * beta * beta + n[4] * beta + n[7]
    g = n[2] * beta * beta + n[5] * beta + n[8]
    d = 2 * g / (-f - math.sqrt(f * f - 4 * e * g))
    return (n[10] + d - math.sqrt((n[10] + d) ** 2 - 4 * (n[9] + n[10] * d))) / 2 - ZERO_CELSIUS


def steam_enthalpy(pressure: float, temperature: float | None = None) -> float:
    """Specific enthalpy of superheated steam, or of dry saturated steam when no temperature is given.

    >>> round(steam_enthalpy(0.0035, 700 - 273.15), 5)
    3335.68375

    :param pressure: MPa, absolute
    :param temperature: °C; None: the saturation temperature
    :return: kJ/kg
    :raises OutsideRange: outside region 2, or the temperature is below boiling, where there is water and no steam
    """
    boiling = saturation_temperature(pressure)
    if temperature is None:
        temperature = boiling
    elif temperature < boiling - 0.05:
        raise OutsideRange(f"Water boils at {boiling:.1f} °C at {pressure} MPa: at {temperature} °C it is no steam.")
    if temperature > HIGHEST_TEMPERATURE:
        raise OutsideRange(f"{temperature} °C is above {HIGHEST_TEMPERATURE} °C.")
    return _region_2(pressure, temperature + ZERO_CELSIUS)


def water_enthalpy(temperature: float, pressure: float = 0.101325) -> float:
    """Specific enthalpy of liquid water, such as feed water; the pressure hardly matters.

    :param temperature: °C
    :param pressure: MPa, absolute; at least the boiling pressure is taken
    :return: kJ/kg
    :raises OutsideRange: the temperature is not between 0 and 350 °C
    """
    if not 0.0 <= temperature <= 350.0:
        raise OutsideRange(f"{temperature} °C is not between 0 and 350 °C.")
    return _region_1(max(pressure, saturation_pressure(temperature)), temperature + ZERO_CELSIUS)


def saturation_pressure(temperature: float) -> float:
    """Boiling pressure at a temperature (R7-97, equation 30).

    :param temperature: °C, 0 to 373.9
    :return: MPa, absolute
    """
    n = (0.0, *SATURATION)
    kelvin = temperature + ZERO_CELSIUS
    theta = kelvin + n[9] / (kelvin - n[10])
    a = theta * theta + n[1] * theta + n[2]
    b = n[3] * theta * theta + n[4] * theta + n[5]
    c = n[6] * theta * theta + n[7] * theta + n[8]
    return (2 * c / (-b + math.sqrt(b * b - 4 * a * c))) ** 4


def _region_1(pressure: float, kelvin: float) -> float:
    """Enthalpy of liquid water in kJ/kg (R7-97, equation 7)."""
    pi, tau = pressure / 16.53, 1386.0 / kelvin
    slope = sum(n * (7.1 - pi) ** i * j * (tau - 1.222) ** (j - 1) for i, j, n in REGION_1)
    return GAS_CONSTANT * kelvin * tau * slope


def _region_2(pressure: float, kelvin: float) -> float:
    """Enthalpy of steam in kJ/kg (R7-97, equations 16 and 17)."""
    tau = 540.0 / kelvin
    slope = sum(n * j * tau ** (j - 1) for j, n in REGION_2_IDEAL)
    slope += sum(n * pressure**i * j * (tau - 0.5) ** (j - 1) for i, j, n in REGION_2_RESIDUAL)
    return GAS_CONSTANT * kelvin * tau * slope
