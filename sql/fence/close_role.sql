-- No new session for this role anywhere on the server; open ones stay. Locks its row of pg_authid until commit.
-- {role}
alter role {role} nologin
