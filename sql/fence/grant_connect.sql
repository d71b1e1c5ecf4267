-- Let a role connect to a database. Locks that row of pg_database until commit.
-- {database}, {grantee}; {option}: empty, or WITH GRANT OPTION
grant connect on database {database} to {grantee} {option}
