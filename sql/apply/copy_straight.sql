-- Add the rows of a file that only adds rows, without a stage. Identity columns take the values given.
-- Parameters: table, columns. Locks nothing but the new rows.
copy {table} ({columns}) from stdin (format csv, null '\N', encoding 'utf8')
