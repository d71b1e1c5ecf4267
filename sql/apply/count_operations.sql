-- What is about to be done to one table.
-- Parameters: stage, applied, reinserted (whether an update moves or must be made anew). Locks nothing.
select count(*) filter (where s._op = 'insert' and {applied}) as inserts
     , count(*) filter (where s._op = 'update' and {applied}) as updates
     , count(*) filter (where s._op = 'delete' and {applied}) as deletes
     , count(*) filter (where s._op = 'update' and {applied} and {reinserted}) as reinserted
     , count(*) filter (where s._op = 'update' and {applied} and {unique}) as unique_updates
from {stage} s
