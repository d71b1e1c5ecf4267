-- Names are looked for in pg_catalog alone, as when everything was captured; in this transaction.
-- Parameters: none.
set local search_path = pg_catalog
