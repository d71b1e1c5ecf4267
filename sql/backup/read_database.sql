-- What a database must be made with to hold what this one holds, who owns it, and when this transaction began by the
-- server's own clock. Reads only.
select
  d.datname as database,
  pg_get_userbyid(d.datdba) as owner,
  pg_encoding_to_char(d.encoding) as encoding,
  d.datcollate as collate,
  d.datctype as ctype,
  current_setting('server_version_num')::int as server_version,
  system.system_identifier::text,
  pg_current_snapshot()::text as snapshot,
  transaction_timestamp() as taken_at
from pg_database as d
cross join pg_control_system() as system
where d.datname = current_database()
