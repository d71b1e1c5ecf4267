"""What databases are called that stand aside: restored ones until they are in place, former ones afterwards."""

import hashlib

KEPT = 40  #: bytes for the database's own name: a name has room for 63


def prefix(run: str, database: str) -> str:
    """How the names of an attempt's asides of one database begin."""
    return f"{_short(database)}_aside_{_key(run)}_"


def former(run: str, database: str) -> str:
    """What the database that had the name is called afterwards."""
    return f"{_short(database)}_former_{_key(run)}"


def _short(database: str) -> str:
    """The name, or as much of it as there is room for and what tells it from others that begin so."""
    name = database.encode()
    if len(name) <= KEPT:
        return database
    told_apart = hashlib.sha256(name).hexdigest()[:8]
    return f"{name[: KEPT - len(told_apart)].decode(errors='ignore')}{told_apart}"


def _key(run: str) -> str:
    return run.rpartition("-")[2][:8]
