"""`flows` and `tasks` are generic names: ours have to be the ones that are found."""

import importlib.util
import sys
from pathlib import Path

import pytest

from infra.local.layout import ROOT


@pytest.mark.parametrize("package", ["flows", "tasks", "switchback", "infra"])
def test_a_package_comes_from_this_checkout(package: str) -> None:
    """A package of the same name in site-packages would be run instead of ours."""
    found = importlib.util.find_spec(package)
    assert found is not None
    assert found.origin == str(ROOT / package / "__init__.py")


@pytest.mark.parametrize("name", ["flows", "tasks"])
def test_no_other_path_offers_the_name(name: str) -> None:
    """What is found must not depend on the order of sys.path."""
    folders = {Path(entry or ".").resolve() for entry in sys.path}
    offers = {folder for folder in folders if (folder / name).is_dir() or (folder / f"{name}.py").is_file()}
    assert offers == {ROOT}


@pytest.mark.parametrize("package", ["flows", "tasks", "infra/local", "switchback/systems"])
def test_a_package_is_never_itself_on_the_path(package: str) -> None:
    """With tasks/ on the path, `import dns` would find ours and not dnspython."""
    assert (ROOT / package) not in {Path(entry or ".").resolve() for entry in sys.path}
