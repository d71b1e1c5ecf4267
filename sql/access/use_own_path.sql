-- Names are looked for where the application's own sessions look: its checks, indexes and generated columns call
-- functions that name others without their schema. What pg_catalog has comes first all the same.
-- Parameters: local (boolean): only for this transaction. Locks nothing.
select set_config('search_path', concat_ws(', ', 'pg_catalog', nullif(reset_val, '')), %(local)s)
from pg_settings
where name = 'search_path'
