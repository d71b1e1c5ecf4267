"""What a database holds, to the byte, and how it is made: two that are the same give the same answer."""

from contextlib import closing
from typing import Any

import psycopg
from psycopg import sql

SETTINGS = (
    "set timezone = 'UTC'; set datestyle = 'ISO, MDY'; set intervalstyle = 'postgres'; set bytea_output = 'hex'; "
    "set extra_float_digits = 1; set search_path = pg_catalog; set row_security = off"
)
TABLES = """
select c.oid, n.nspname, c.relname, c.relkind::text
from pg_class c join pg_namespace n on n.oid = c.relnamespace
where c.relkind in ('r', 'p') and not c.relispartition and c.relpersistence <> 't'
  and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
order by 2, 3
"""
COLUMNS = "select attname from pg_attribute where attrelid = %s and attnum > 0 and not attisdropped order by attname"
SEQUENCES = """
select n.nspname, c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
where c.relkind = 'S' and n.nspname !~ '^pg_' order by 1, 2
"""
OBJECTS = "select oid, md5(lo_get(oid)) from pg_largeobject_metadata order by oid"
MAKING = """
select 'trigger', tgrelid::regclass::text, tgname::text, tgenabled::text, pg_get_triggerdef(oid)
from pg_trigger
where not tgisinternal
union all
select 'constraint', conrelid::regclass::text, conname::text, convalidated::text,
  pg_get_constraintdef(oid) || coalesce(obj_description(oid, 'pg_constraint'), '')
from pg_constraint
where conrelid <> 0
union all
select 'table', oid::regclass::text, relrowsecurity::text, relforcerowsecurity::text,
  pg_get_userbyid(relowner) || coalesce(relacl::text, '')
from pg_class
where relkind in ('r', 'p', 'S') and relnamespace::regnamespace::text !~ '^(pg_|information)'
union all
select 'rule', ev_class::regclass::text, rulename::text, ev_enabled::text, ''
from pg_rewrite
where ev_class >= 16384 and rulename <> '_RETURN'
order by 1, 2, 3, 4, 5
"""


def contents(conninfo: str) -> dict[str, Any]:
    """Rows of every table as texts, positions of sequences, large objects; read as a superuser."""
    with closing(psycopg.connect(conninfo, autocommit=True)) as link:
        link.execute(SETTINGS)
        held: dict[str, Any] = {}
        for oid, schema, name, kind in link.execute(TABLES).fetchall():
            columns = [column for (column,) in link.execute(COLUMNS, (oid,))]
            row = sql.SQL("row({})::text").format(sql.SQL(", ").join(sql.Identifier("t", each) for each in columns))
            query = sql.SQL("select {} from {} {} t").format(
                row if columns else sql.SQL("'()'"),
                sql.SQL("" if kind == "p" else "only"),
                sql.Identifier(schema, name),
            )
            held[f"{schema}.{name}"] = (columns, sorted(value for (value,) in link.execute(query)))
        for schema, name in link.execute(SEQUENCES).fetchall():
            query = sql.SQL("select last_value, is_called from {}").format(sql.Identifier(schema, name))
            held[f"sequence {schema}.{name}"] = link.execute(query).fetchone()
        held["large objects"] = link.execute(OBJECTS).fetchall()
        return held


def making(conninfo: str) -> list[tuple[Any, ...]]:
    """Triggers, constraints, rules, row security, owners: whatever a recovery might disturb on its way."""
    with closing(psycopg.connect(conninfo, autocommit=True)) as link:
        link.execute(SETTINGS)
        return link.execute(MAKING).fetchall()
