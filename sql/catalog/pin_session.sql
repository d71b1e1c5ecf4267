-- Settings of a session, all in one round trip. Parameters: names and values (text[]). Locks nothing.
select set_config(name, value, false)
from unnest(%(names)s::text[], %(values)s::text[]) as pinned (name, value)
