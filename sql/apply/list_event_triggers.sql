-- Event triggers that will see what is altered and put back on the way.
-- Parameters: modes (text[] of evtenabled that fire). Locks nothing.
select evtname::text
from pg_event_trigger
where evtenabled::text = any(%(modes)s)
order by evtname
