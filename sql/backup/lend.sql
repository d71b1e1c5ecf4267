-- Let a role own things in a schema while it is being restored.
-- {schema}, {role}: names
grant create on schema {schema} to {role}
