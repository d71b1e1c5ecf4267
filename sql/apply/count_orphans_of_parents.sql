-- Of the rows that refer to a parent that was removed or made anew: how many still do, and it is not there; and the rows
-- of the file that removed one.
-- Parameters: stage, applied, gone (which operations), parent_values, child, matched, parent, joined. Reads the child.
select count(*)
     , array_agg(distinct g._row)
from (
  select s._row, {parent_values}
  from {stage} s
  where {applied}
    and {gone}
) g
join {child} c on {matched}
where not exists (select from {parent} p where {joined})
