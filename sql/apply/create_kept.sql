-- A place for old's rows as they were before they were touched, and for where they are.
-- Parameters: kept. Locks nothing.
create temporary table {kept} (number bigint, relation oid, place tid, before text[]) on commit drop
