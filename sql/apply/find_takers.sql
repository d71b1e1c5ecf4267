-- Rows of the file that bring values which another row of old holds, and goes on to hold.
-- Parameters: stage, applied, brought (which rows bring them), table, same (values), match (by key), given_up (which rows of the
-- file give them up). Locks nothing.
select s._row
from {stage} s
where {applied}
  and {brought}
  and exists (
    select
    from {table} t
    where {same}
      and not exists (
        select
        from {stage} s
        where {applied}
          and {match}
          and {given_up}
      )
  )
order by s._row
