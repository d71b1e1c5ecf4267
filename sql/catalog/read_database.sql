-- Which database this is, and who asks. Takes no parameters, locks nothing.
select current_database() as name
     , current_setting('server_version_num')::int as version
     , pg_encoding_to_char(d.encoding) as encoding
     , current_user::text as role
     , (select count(*) from pg_prepared_xacts x where x.database = current_database()) as prepared
from pg_database d
where d.datname = current_database()
