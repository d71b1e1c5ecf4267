"""A Prefect server for the session, and an environment whose journals are files."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from prefect.testing.utilities import prefect_test_harness

from switchback import settings

NAME = "gate"


@pytest.fixture(scope="session")
def prefect_server() -> Iterator[None]:
    """Prefect's own test server, on a database of its own."""
    with prefect_test_harness(server_startup_timeout=120):
        yield


@pytest.fixture
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> settings.Environment:
    """The shipped dev descriptor under another name, its journals in a folder, its approvers invented."""
    content = (settings.SHIPPED / "dev.toml").read_text(encoding="utf-8")
    naming = settings.SHIPPED.parent / "naming" / "azure-v2.2.toml"
    head, _, tail = content.partition("[journal]\n")
    _, _, rest = tail.partition("\n\n")
    content = f'{head}[journal]\nfolder = "{tmp_path / "journals"}"\n\n{rest}'
    content = content.replace('name = "dev"', f'name = "{NAME}"', 1).replace("../naming/azure-v2.2.toml", str(naming))
    content = content.replace("incident_commander = [", 'incident_commander = ["Ada Example", "Grace Example", ')
    content = content.replace("data_steward = [", 'data_steward = ["Dana Example", ')
    (tmp_path / f"{NAME}.toml").write_text(content, encoding="utf-8")
    monkeypatch.setenv("SWITCHBACK_ENVIRONMENTS", str(tmp_path))
    return settings.load(NAME)
