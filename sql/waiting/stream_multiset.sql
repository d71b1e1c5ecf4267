-- A table without a key as a multiset: each distinct row's digest, how often it is there, and how many of those were
-- touched since the bound, in the digest's order. Reads and sorts the whole table.
-- {table}, {columns}, %(bound)s: as for stream_rows
select
  digest,
  count(*) as rows,
  count(*) filter (where touched) as touched
from (
  select
    sha256(convert_to(row({columns})::text, 'UTF8')) as digest,
    %(bound)s::text is null or age(t.xmin) <= age(%(bound)s::text::xid) as touched
  from {table} as t
) as lines
group by digest
order by digest
