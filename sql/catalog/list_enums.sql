-- Enum types and their labels in order. Takes no parameters, locks nothing.
select format_type(t.oid, null) as type
     , array_agg(e.enumlabel::text order by e.enumsortorder) as labels
from pg_enum e
join pg_type t on t.oid = e.enumtypid
group by t.oid
