-- The content of one large object in pieces of 1 MiB. Parameters: oid, size (bytes; as literals). Reads only.
select lo_get({oid}, piece, 1048576)
from generate_series(0, {size} - 1, 1048576) as piece
order by piece
