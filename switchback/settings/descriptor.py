"""A descriptor and its naming file, as they are written: read, and checked whole."""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, TypeVar

from pydantic import BaseModel, Field, ValidationError

from switchback.domain.errors import Refused
from switchback.settings.tables import (
    Approvers,
    Azure,
    Backup,
    Cutover,
    Dns,
    Drill,
    Ingress,
    Journal,
    Policy,
    Postgres,
    Recovery,
    Service,
    Table,
    Terraform,
    Text,
)

T = TypeVar("T", bound=BaseModel)


@dataclass(eq=False)
class BadDescriptor(Refused):
    """A descriptor or naming file cannot be used as it stands."""

    problem: ClassVar[str] = "{file}: {faults}."
    remedy: ClassVar[str] = "Correct the file; nothing was started."
    file: str
    faults: str


class SiteNames(Table):
    """Templates for the names of one site."""

    region: Text
    resource_group: Text
    cluster: Text
    namespace: Text
    vault: Text
    postgres: Text
    further_groups: tuple[Text, ...] = Field(default=(), strict=False)  #: resource groups besides `resource_group`
    further_names: tuple[Text, ...] = Field(default=(), strict=False)  #: of resources besides those named above


class Naming(Table):
    """A naming file: one convention for each side."""

    old: SiteNames
    new: SiteNames


class Descriptor(Table):
    """A descriptor as it is written."""

    name: Text
    short: str = ""  #: of the name, for the kinds of names that Azure wants short; empty: the name itself
    organisation: Text
    naming: Text
    azure: Azure
    dns: Dns
    ingress: Ingress
    postgres: Postgres
    journal: Journal
    recovery: Recovery = Recovery()
    backup: Backup = Backup()
    cutover: Cutover
    terraform: Terraform | None = None
    policy: Policy
    approvers: Approvers
    drill: Drill | None = None
    services: tuple[Service, ...] = Field(strict=False, min_length=1)


def parse(path: Path, shape: type[T]) -> T:
    """What is in the TOML file; raises BadDescriptor with every fault."""
    try:
        content: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise BadDescriptor(str(path), "there is no such file") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadDescriptor(str(path), f"not TOML: {error}") from error
    try:
        return shape.model_validate(content)
    except ValidationError as error:
        raise BadDescriptor(str(path), "; ".join(_faults(error))) from error


def _faults(error: ValidationError) -> Iterator[str]:
    for fault in error.errors(include_input=False, include_url=False):
        yield f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}"
