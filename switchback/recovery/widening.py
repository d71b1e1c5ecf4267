"""Which types of new fit into which types of old without changing a character of any value.

Pure: types are compared by their names as format_type writes them.
"""

import re

from switchback.recovery.catalog import INTEGERS, Column

Enums = dict[str, tuple[str, ...]]
#: Text of a length, and the types that hold any text.
_VARCHAR = re.compile(r"character varying(?:\((\d+)\))?")
_NUMERIC = re.compile(r"numeric(?:\((\d+),(-?\d+)\))?")
_INSTANT = re.compile(r"((?:timestamp|time))(?:\((\d)\))?( with(?:out)? time zone)")
_FULL_PRECISION = 6


def fits(new: Column, old: Column, new_enums: Enums, old_enums: Enums) -> bool:
    """Whether old's column takes every value of new's, unchanged. Looks one level into what a type is made of."""
    if new.family == "e" and new.base_type == old.base_type:
        return set(new_enums.get(new.base_type, ())) <= set(old_enums.get(old.base_type, ()))
    if new.type == old.type:  # by name: a type that was made twice may be made of other things
        return new.shape == old.shape and (new.plain_type == old.plain_type or _wider(new.plain_type, old.plain_type))
    return _wider(new.type, old.type) or _wider(new.base_type, old.type)


def same_hash(old: str, new: str) -> bool:
    """Whether the two types' own hashes are comparable: the same type, or both integers, or both text."""
    kinds = (INTEGERS, ("text", "character varying"))
    return old == new or any(old in kind and new in kind for kind in kinds)


def _wider(new: str, old: str) -> bool:
    if new in INTEGERS and old in INTEGERS:
        return INTEGERS.index(new) <= INTEGERS.index(old)
    if new in INTEGERS and old == "numeric":
        return True
    return any(rule(new, old) for rule in (_text, _numeric, _instant))


def _text(new: str, old: str) -> bool:
    mine, theirs = _VARCHAR.fullmatch(new), _VARCHAR.fullmatch(old)
    if not mine and new != "text":
        return False
    if old == "text" or (theirs and not theirs[1]):
        return True
    return bool(mine and theirs and mine[1] and int(mine[1]) <= int(theirs[1]))


def _numeric(new: str, old: str) -> bool:
    mine, theirs = _NUMERIC.fullmatch(new), _NUMERIC.fullmatch(old)
    if not mine or not theirs:
        return False
    if not theirs[1]:
        return True
    return bool(mine[1]) and mine[2] == theirs[2] and int(mine[1]) <= int(theirs[1])


def _instant(new: str, old: str) -> bool:
    mine, theirs = _INSTANT.fullmatch(new), _INSTANT.fullmatch(old)
    if not mine or not theirs or (mine[1], mine[3]) != (theirs[1], theirs[3]):
        return False
    return int(mine[2] or _FULL_PRECISION) <= int(theirs[2] or _FULL_PRECISION)
