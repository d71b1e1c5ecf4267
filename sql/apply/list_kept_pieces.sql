-- The pieces kept of one large object.
-- Parameters: view, literal: loid. Locks nothing.
select before[1] as owner
     , before[2]::bigint as place
     , decode(before[3], 'hex') as piece
from switchback.{view}
where number = {loid}
order by before[2]::bigint
