-- Give a right on a database back, as the backup noted it.
-- {database}, {grantee}: names
grant create on database {database} to {grantee}
