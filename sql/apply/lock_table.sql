-- Nobody else writes this table until the transaction ends; reading goes on.
-- Parameters: table, with `only` where its rows are its own. Takes share row exclusive on it.
lock table {table} in share row exclusive mode
