"""The guards: they must find what they forbid, and only that."""

from pathlib import Path

from tools import guards


def write(root: Path, name: str, text: str) -> None:
    file = root / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)


def test_pure_folders_import_no_odoo(tmp_path):
    write(tmp_path, "energy_carbon/engine/good.py", "from .graph import order\nimport numpy\n")
    write(tmp_path, "energy_carbon/engine/bad.py", "def f():\n    from odoo.tools import SQL\n")
    write(tmp_path, "energy_carbon/engine/out.py", "from ..models import meter\n")
    complaints = list(guards.odoo_imports(tmp_path))
    assert [complaint.split(":")[0] for complaint in complaints] == [
        "energy_carbon/engine/bad.py",
        "energy_carbon/engine/out.py",
    ]


def test_an_untagged_or_unimported_test_is_found(tmp_path):
    tagged = '@tagged("post_install", "-at_install")\nclass TestA(Base):\n    def test_a(self): ...\n'
    write(tmp_path, "energy_carbon/tests/__init__.py", "from . import test_a\n")
    write(tmp_path, "energy_carbon/tests/test_a.py", tagged + "class TestB(Base):\n    def test_b(self): ...\n")
    write(tmp_path, "energy_carbon/tests/test_c.py", tagged)
    complaints = "\n".join(guards.tests_that_never_run(tmp_path))
    assert "TestB lacks" in complaints
    assert "test_c.py: tests/__init__.py does not import it" in complaints
    assert "TestA" not in complaints
