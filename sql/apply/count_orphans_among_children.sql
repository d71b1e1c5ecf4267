-- Of the rows that came or changed their reference: those whose parent is not there, or that refer in part only.
-- Parameters: stage, applied, chosen, references (the new values), all_given, none_given, match_full, parent, joined.
select count(*)
from {stage} s
where {applied}
  and {chosen}
  and case
    when {all_given} then not exists (select from {parent} p where {joined})
    else {match_full} and not {none_given}
  end
