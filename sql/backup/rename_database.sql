-- Give a database another name; refused while anybody is in it.
-- {database}, {name}: names
alter database {database} rename to {name}
