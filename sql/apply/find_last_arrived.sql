-- The place of the last row that has arrived.
-- Parameters: arrived, after (tid): a place before it, or its own. Locks nothing.
select coalesce(max(ctid), %(after)s::tid)::text
from switchback.{arrived}
where ctid > %(after)s::tid
