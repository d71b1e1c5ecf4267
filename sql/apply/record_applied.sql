-- The fact that a recovery was applied, in the same transaction as its rows.
-- Parameters: view, details (literal: JSON). Locks nothing.
create materialized view switchback.{view} as
select {details}::text as details
