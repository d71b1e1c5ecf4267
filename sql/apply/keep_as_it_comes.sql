-- Values of this column are not compressed here.
-- Parameters: arrived, column. Locks the table.
alter table switchback.{arrived} alter column {column} set storage external
