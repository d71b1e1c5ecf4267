-- All rows of a table whose parent is not there.
-- Parameters: child, all_given, parent, joined. Reads the child.
select count(*)
from {child} c
where {all_given}
  and not exists (select from {parent} p where {joined})
