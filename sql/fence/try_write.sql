-- A real update of one existing row, changing nothing; the caller rolls it back. Locks that row until then.
-- {table}: qualified; {column}
update {table}
set {column} = {column}
where (tableoid, ctid) = (
  select
    tableoid,
    ctid
  from {table}
  limit 1
  for update skip locked
)
