-- Whether a role of that name exists.
-- Parameters: role. Locks nothing.
select exists (select from pg_roles where rolname = %(role)s)
