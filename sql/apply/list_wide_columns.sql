-- The columns whose values may be compressed or kept apart from their row.
-- Parameters: arrived (regclass). Locks nothing.
select attname
from pg_attribute
where attrelid = %(arrived)s::regclass
  and attnum > 0
  and attstorage <> 'p'
