-- Settings, all in one round trip. Parameters: names and values (text[]); local (boolean): only for this transaction.
-- Locks nothing.
select set_config(name, value, %(local)s)
from unnest(%(names)s::text[], %(values)s::text[]) as pinned (name, value)
