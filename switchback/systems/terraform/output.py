"""What Terraform says, line by line in JSON or in words, and what its refusals are to us. Shows no values."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from switchback.domain.errors import HalfDone, Refused

LOCKED = "acquiring the state lock"
STALE = "Saved plan is stale"
PREAMBLE = "Terraform encountered problems"  #: the error that caused it follows
SHOWN = 400  #: characters of an error


@dataclass(eq=False)
class NoStack(Refused):
    """Nobody has said which state new was made from."""

    problem: ClassVar[str] = "{environment}: the descriptor names no Terraform configuration that can be used: {why}."
    remedy: ClassVar[str] = "Set [terraform] folder, work and expected in the descriptor."
    environment: str
    why: str


@dataclass(eq=False)
class StateLocked(Refused):
    """Somebody else works on the state."""

    problem: ClassVar[str] = "Terraform's state is locked by {who} since {since} for {operation} (lock {lock})."
    remedy: ClassVar[str] = "Wait until that has ended; if its process is dead, terraform force-unlock {lock}."
    who: str
    since: str
    operation: str
    lock: str


@dataclass(eq=False)
class PlanStale(Refused):
    """The state is not the one that the saved plan was made from."""

    problem: ClassVar[str] = "The saved plan {plan} is stale: Terraform's state has changed since it was made."
    remedy: ClassVar[str] = (
        "Find out who changed it; switchback undo, then start again: the new plan has to be approved."
    )
    plan: str


@dataclass(eq=False)
class TerraformFailed(Refused):
    """Terraform ended with an error before anything was changed."""

    problem: ClassVar[str] = "terraform {command} ended with an error: {words}"
    remedy: ClassVar[str] = "Correct the cause, then ask again; nothing was changed."
    command: str
    words: str


@dataclass(eq=False)
class PartlyDestroyed(HalfDone):
    """Terraform stopped on its way: what it destroyed is gone, the rest is still in its state."""

    problem: ClassVar[str] = "{gone} of {planned} resources are destroyed, {left} are left: {words}"
    remedy: ClassVar[str] = "Correct the cause, then resume: only what is left of the approved plan is destroyed."
    gone: int
    planned: int
    left: int
    words: str


@dataclass(frozen=True, kw_only=True)
class Diagnostic:
    """An error in Terraform's own words."""

    summary: str
    detail: str
    address: str = ""

    def __str__(self) -> str:
        where = f" ({self.address})" if self.address else ""
        text = " ".join(f"{self.summary}{where}: {self.detail}".split())
        return text[:SHOWN].rstrip(": ")


def entries(lines: Iterable[str]) -> Iterator[Mapping[str, Any]]:
    """The JSON lines of a log; words between them are passed over."""
    for line in lines:
        if line.startswith("{") and line.endswith("\n"):
            try:
                yield json.loads(line)
            except ValueError:
                continue


def errors(text: str) -> tuple[Diagnostic, ...]:
    """The errors in an output of either form, in their order."""
    found = []
    for entry in entries(text.splitlines(keepends=True)):
        told = entry.get("diagnostic", {})
        if told.get("severity") == "error":
            found.append(
                Diagnostic(summary=told["summary"], detail=told.get("detail", ""), address=told.get("address", ""))
            )
    for words in re.split(r"^.?\s*Error: ", text, flags=re.MULTILINE)[1:]:
        summary, _, detail = words.partition("\n")
        found.append(Diagnostic(summary=summary.strip(), detail=detail.strip(" \n│╵╷")))
    return tuple(found)


def meaning(command: str, plan: str, text: str) -> Refused:
    """What a failed command is to us, when it changed nothing."""
    for error in errors(text):
        if LOCKED in error.summary:
            return _locked(error.detail)
        if STALE in error.summary:
            return PlanStale(plan)
    said = [error for error in errors(text) if not error.summary.startswith(PREAMBLE)]
    return TerraformFailed(command, str(said[0]) if said else "it said nothing")


def event(entry: Mapping[str, Any]) -> str:
    """One line for people about a step of an apply; empty for what does not concern them."""
    hook = entry.get("hook", {})
    address = hook.get("resource", {}).get("addr", "")
    words = {"apply_start": "begins", "apply_complete": "is destroyed", "apply_errored": "could not be destroyed"}
    kind = str(entry.get("type"))
    if kind == "apply_progress":
        return f"{address}: still going on after {hook.get('elapsed_seconds', 0)} s"
    return f"{address}: {words[kind]}" if kind in words else ""


def _locked(detail: str) -> StateLocked:
    said = dict(re.findall(r"^[\s│]*(ID|Who|Created|Operation):[ \t]*(.+?)\s*$", detail, flags=re.MULTILINE))
    names = ("Who", "Created", "Operation", "ID")
    return StateLocked(*(said.get(name, "unknown") for name in names))
