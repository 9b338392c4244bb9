"""Steam by IAPWS-IF97: the verification values of the release."""

import math

import pytest

from energy_carbon.engine import steam


@pytest.mark.parametrize(
    ("kelvin", "pressure", "enthalpy"),
    [(300, 0.0035, 0.254991145e4), (700, 0.0035, 0.333568375e4), (700, 30.0, 0.263149474e4)],
)
def test_region_2_verification_values(kelvin, pressure, enthalpy):
    """R7-97(2012), table 15."""
    assert math.isclose(steam._region_2(pressure, kelvin), enthalpy, rel_tol=1e-8)


@pytest.mark.parametrize(
    ("kelvin", "pressure", "enthalpy"),
    [(300, 3.0, 0.115331273e3), (300, 80.0, 0.184142828e3), (500, 3.0, 0.975542239e3)],
)
def test_region_1_verification_values(kelvin, pressure, enthalpy):
    """R7-97(2012), table 5."""
    assert math.isclose(steam._region_1(pressure, kelvin), enthalpy, rel_tol=1e-8)


@pytest.mark.parametrize(("kelvin", "pressure"), [(300, 0.353658941e-2), (500, 0.263889776e1), (600, 0.123443146e2)])
def test_saturation_pressure_verification_values(kelvin, pressure):
    """R7-97(2012), table 35."""
    assert math.isclose(steam.saturation_pressure(kelvin - 273.15), pressure, rel_tol=1e-8)


@pytest.mark.parametrize(("pressure", "kelvin"), [(0.1, 0.372755919e3), (1.0, 0.453035632e3), (10.0, 0.584149488e3)])
def test_saturation_temperature_verification_values(pressure, kelvin):
    """R7-97(2012), table 36."""
    assert math.isclose(steam.saturation_temperature(pressure) + 273.15, kelvin, rel_tol=1e-8)


def test_steam_of_the_worked_example():
    """Saturated steam at 0.8 MPa has the 2 768.4 kJ/kg of the example, water at 20 °C its 83.9."""
    assert math.isclose(steam.steam_enthalpy(0.8), 2768.4, abs_tol=0.2)
    assert math.isclose(steam.water_enthalpy(20.0), 83.74, abs_tol=0.3)
    assert steam.steam_enthalpy(0.8, 250.0) > steam.steam_enthalpy(0.8, steam.saturation_temperature(0.8))


@pytest.mark.parametrize(("pressure", "temperature"), [(0.8, 150.0), (0.8, 900.0), (0.0, None), (-1.0, 200.0), (30.0, None)])
def test_what_is_no_steam_is_refused(pressure, temperature):
    with pytest.raises(steam.OutsideRange):
        steam.steam_enthalpy(pressure, temperature)
    with pytest.raises(steam.OutsideRange):
        steam.water_enthalpy(-3.0)
