-- Cut a large object to nothing; what refers to it, its owner and its rights stay. 131072 is "for writing".
-- Parameters: loid. Locks nothing.
select lo_close(opened.handle)
from (
  select cut.handle, lo_truncate64(cut.handle, 0)
  from (select lo_open(%(loid)s, 131072) as handle offset 0) as cut
  offset 0
) as opened
