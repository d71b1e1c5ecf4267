-- While rows are merged, no foreign key deletes or empties rows of this table behind our back: its own action is
-- the only thing that reaches the table from inside a trigger (the application's are off).
-- Parameters: table. Takes share row exclusive on it.
create trigger "~switchback_keep"
before delete or update on {table}
for each row
when (pg_trigger_depth() > 0)
execute function pg_temp.switchback_keep()
