"""A vault's reader keeps its secrets to itself."""

import pickle

from switchback import settings
from switchback.domain.model import Side
from switchback.systems import keyvault


def test_a_reader_shows_neither_values_nor_carries_them_elsewhere() -> None:
    """Prefect logs and pickles what tasks are given."""
    reader = keyvault.secrets(settings.load("dev"), Side.OLD)
    reader._known["postgres-admin-password"] = "hunter2"
    assert "hunter2" not in repr(reader)
    assert b"hunter2" not in pickle.dumps(reader)
    assert pickle.loads(pickle.dumps(reader))._known == {}  # noqa: S301 - our own bytes
