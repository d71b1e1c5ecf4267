-- Of the rows that refer to a parent that was removed or made anew: those that still do, and it is not there.
-- Parameters: stage, applied, gone (which operations), parent_values, child, matched, parent, joined. Reads the child.
select count(*)
from (
  select distinct {parent_values}
  from {stage} s
  where {applied}
    and {gone}
) g
join {child} c on {matched}
where not exists (select from {parent} p where {joined})
