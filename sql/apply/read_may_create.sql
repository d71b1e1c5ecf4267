-- Whether we may make a schema in this database.
-- Parameters: none. Locks nothing.
select has_database_privilege(current_database(), 'create')
