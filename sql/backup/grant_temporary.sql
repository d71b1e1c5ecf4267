-- Give a right on a database back, as the backup noted it.
-- {database}, {grantee}: names
grant temporary on database {database} to {grantee}
