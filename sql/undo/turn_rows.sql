-- A recovery's rows, turned around: what was inserted is deleted, what was deleted is inserted, and the values are
-- those from before (as new's) and those that were applied (as old's).
-- Parameters: back (the stage to fill), stage, kept (the pre-images), applied, values. Locks nothing.
insert into {back}
select case s._op when 'insert' then 'delete' when 'delete' then 'insert' else s._op end
     , 'apply'
     , ''
     , s._row
     {values}
from {stage} s
left join {kept} k on k.number = s._row
where {applied}
