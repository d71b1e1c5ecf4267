-- Keep a large object as it is before it is touched, a piece to a row.
-- Parameters: kept, literals: loid, owner, size, chunk. Reads it.
insert into {kept} (number, before)
select {loid}
     , array[{owner}, piece::text, encode(lo_get({loid}, piece, {chunk}), 'hex')]
from generate_series(0, greatest({size} - 1, 0), {chunk}) as piece
