"""The command line: which drill is meant by what is typed."""

import pytest
from typer.testing import CliRunner

from flows import cli


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        (["drill", "dev", "--help"], "drill switchback"),
        (["drill", "switchback", "dev", "--help"], "drill switchback"),
        (["drill", "emergency", "--help"], "drill emergency"),
        (["drill", "emergency", "dev", "--help"], "drill emergency"),
    ],
)
def test_a_drill_without_a_name_is_that_of_the_dns_switchback(typed: list[str], meant: str) -> None:
    """What is no drill's name is an environment."""
    said = CliRunner().invoke(cli.app, typed)
    assert said.exit_code == 0
    assert meant in said.output
