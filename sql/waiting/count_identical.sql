-- How many of the given rows are there, exactly as given. Reads only, by the key's index.
-- {keys}: one typed array for each column of the key; {names}: their names; {match}: t.column = asked.name for each;
-- {table}, {columns}: as for stream_rows; %(digests)s: bytea[]
select count(*)
from unnest({keys}, %(digests)s::bytea[]) as asked ({names}, digest)
join {table} as t on {match}
where sha256(convert_to(row({columns})::text, 'UTF8')) = asked.digest
