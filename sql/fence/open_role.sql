-- This role may log in again. Locks its row of pg_authid until commit.
-- {role}
alter role {role} login
