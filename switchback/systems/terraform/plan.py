"""A saved destroy plan, read: which resources it takes, and where in Azure each of them is."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, kw_only=True, order=True)
class Doomed:
    """A resource that a plan changes."""

    address: str  #: Terraform's own: "module.site.azurerm_key_vault.new"
    kind: str
    id: str  #: Azure's; empty when it has none
    actions: tuple[str, ...]  #: ("delete",) for a destroy


@dataclass(frozen=True, kw_only=True)
class Saved:
    """A saved plan."""

    digest: str  #: SHA-256 of its file; empty when there is nothing to destroy
    doomed: tuple[Doomed, ...]


def read(text: str) -> tuple[Doomed, ...]:
    """The changes in the output of `terraform show -json`; values other than ids are not kept."""
    return tuple(sorted(_changes(json.loads(text))))


def _changes(shown: Mapping[str, Any]) -> Iterator[Doomed]:
    for change in shown.get("resource_changes", ()):
        actions = tuple(change["change"]["actions"])
        if change["mode"] == "managed" and actions not in (("no-op",), ("read",)):
            before = change["change"]["before"] or {}
            yield Doomed(
                address=change["address"], kind=change["type"], id=_id(change["type"], before), actions=actions
            )


def _id(kind: str, before: Mapping[str, Any]) -> str:
    """The drill's stack is made of terraform_data, whose own id says nothing: its input holds the one it stands for."""
    if kind == "terraform_data":
        given = before.get("input") or {}
        return str(given.get("id", "")) if isinstance(given, Mapping) else ""
    return str(before.get("id") or "")
