-- Take away a role's right to connect, with what it passed on. Locks that row of pg_database until commit.
-- {database}, {grantee}
revoke connect on database {database} from {grantee} cascade
