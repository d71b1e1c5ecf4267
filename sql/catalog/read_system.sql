-- The system identifier of the server: two databases with the same one are on one cluster.
-- Takes no parameters, locks nothing. Needs EXECUTE on pg_control_system, which everyone has by default.
select system_identifier::text
from pg_control_system()
