-- Of the rows that came or changed their reference: how many have a parent that is not there, or refer in part only;
-- and the rows of the file that say so.
-- Parameters: stage, applied, chosen, references (the new values), all_given, none_given, match_full, parent, joined.
select count(*)
     , array_agg(s._row order by s._row)
from {stage} s
where {applied}
  and {chosen}
  and case
    when {all_given} then not exists (select from {parent} p where {joined})
    else {match_full} and not {none_given}
  end
