"""Rules of this project no checker knows, found by reading the source; must not run or import it."""

import ast
from collections.abc import Iterator
from pathlib import Path

from .paths import ADDONS

PURE = ("energy_carbon/engine", "energy_carbon/planning", "energy_carbon/demo_plant", "energy_carbon_modbus/collector")


def all_complaints(root: Path) -> dict[str, list[str]]:
    return {
        "engine, planning, demo plant and collector import no odoo": list(odoo_imports(root)),
        "each Odoo test runs": list(tests_that_never_run(root)),
    }


def imported(tree: ast.AST) -> Iterator[tuple[str, int]]:
    """Yield the absolute modules a source imports, with their line."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield "." * node.level + (node.module or ""), node.lineno


def odoo_imports(root: Path) -> Iterator[str]:
    """Complain of a pure file that imports odoo, or leaves its folder by a relative import."""
    for folder in PURE:
        for file in sorted((root / folder).rglob("*.py")):
            depth = len(file.relative_to(root / folder).parts)
            for module, line in imported(ast.parse(file.read_text())):
                level = len(module) - len(module.lstrip("."))
                if module.split(".")[0] == "odoo" or level > depth:
                    yield f"{file.relative_to(root)}:{line}: imports {module}, which is outside of {folder}"


def tests_that_never_run(root: Path) -> Iterator[str]:
    """Complain of test files their package does not import, and of test classes that are not post_install."""
    for addon in ADDONS:
        folder = root / addon / "tests"
        package = (folder / "__init__.py").read_text() if folder.exists() else ""
        known = {alias.name for node in ast.walk(ast.parse(package)) for alias in getattr(node, "names", [])}
        for file in sorted(folder.glob("test_*.py")):
            where = file.relative_to(root)
            if file.stem not in known:
                yield f"{where}: tests/__init__.py does not import it"
            for node in ast.parse(file.read_text()).body:
                if isinstance(node, ast.ClassDef) and has_tests(node) and not is_post_install(node):
                    yield f'{where}:{node.lineno}: {node.name} lacks @tagged("post_install", "-at_install")'


def has_tests(node: ast.ClassDef) -> bool:
    return any(isinstance(item, ast.FunctionDef) and item.name.startswith("test") for item in node.body)


def is_post_install(node: ast.ClassDef) -> bool:
    return any("post_install" in ast.unparse(decorator) for decorator in node.decorator_list)
