-- Whether our schema still holds anything.
-- Parameters: none. Locks nothing.
select count(*)
from pg_class
where relnamespace = 'switchback'::regnamespace
