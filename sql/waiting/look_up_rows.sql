-- How many of the given rows are there, exactly as given; how many of their keys are there at all, with two sums
-- over those keys as read_key_sums makes them. Reads only, by the key's index.
-- {keys}: one typed array for each column of the key; {names}: their names; {match}: t.column = asked.name for each;
-- {table}, {key_columns}, {columns}: t.column, ...; %(digests)s: bytea[]
select
  count(*) filter (where identical) as identical,
  count(*) as rows,
  coalesce(sum(hashtextextended(line, 0)), 0) as first,
  coalesce(sum(hashtextextended(line, 8191)), 0) as second
from (
  select
    sha256(convert_to(row({columns})::text, 'UTF8')) = asked.digest as identical,
    row({key_columns})::text collate "C" as line
  from unnest({keys}, %(digests)s::bytea[]) as asked ({names}, digest)
  join {table} as t on {match}
) as found
