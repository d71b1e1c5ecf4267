"""The local site's secrets: made once, kept in var/secrets.json, readable by its owner only.

The stand-in vaults serve them by the same names; nothing prints them.
"""

import json
import os
import secrets
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from infra.local.databases import DATABASES
from infra.local.layout import Layout
from switchback.domain.model import Side

ADMIN = "psqladmin"
SUPERUSER = "postgres"

#: role -> name of its password in each site's vault
PASSWORD_NAMES = {ADMIN: "postgres-admin-password"} | {
    role: secret for database in DATABASES for role, secret in database.secrets.items()
}


@dataclass(frozen=True, kw_only=True)
class Client:
    """The service principal that the pipeline logs in as."""

    id: str
    secret: str


@dataclass(frozen=True, kw_only=True)
class Secrets:
    """What var/secrets.json holds."""

    old: dict[str, str]  #: secret name -> value, as old's vault serves them
    new: dict[str, str]
    superuser: dict[str, str]  #: side -> password; stands for Azure's own access, in no vault
    client: Client

    def vault(self, side: Side) -> dict[str, str]:
        """The secrets of one site's vault."""
        return self.old if side is Side.OLD else self.new

    def password(self, side: Side, role: str) -> str:
        """A database role's password; KeyError when the site has no such role."""
        if role == SUPERUSER:
            return self.superuser[side.value]
        return self.vault(side)[PASSWORD_NAMES[role]]


def load(layout: Layout) -> Secrets:
    """The site's secrets, generated on the first call; every later call, in any process, returns the same."""
    path = layout.var / "secrets.json"
    if not path.exists():
        _write_once(path, _generate())
    content = json.loads(path.read_text(encoding="utf-8"))
    return Secrets(**content | {"client": Client(**content["client"])})


def _generate() -> Secrets:
    def vault() -> dict[str, str]:
        return {name: secrets.token_urlsafe(24) for name in PASSWORD_NAMES.values()}

    return Secrets(
        old=vault(),
        new=vault(),
        superuser={side.value: secrets.token_urlsafe(24) for side in Side},
        client=Client(id="5171cbbc-0000-4000-8000-000000000001", secret=secrets.token_urlsafe(24)),
    )


def _write_once(path: Path, made: Secrets) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        json.dump(asdict(made), file, indent=2)
    with suppress(FileExistsError):  # another process was first: its secrets hold
        path.hardlink_to(draft)
    draft.unlink()
