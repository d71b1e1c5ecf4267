-- How the session may act for an owner of tables: by itself (superuser, the owner, a member that inherits), by
-- `set role`, or not at all.
-- Parameters: owner. Locks nothing. From 16 on, membership and the right to `set role` are two things.
select r.rolsuper or pg_has_role(current_user, %(owner)s, 'usage') as itself
     , pg_has_role(
         current_user
       , %(owner)s
       , case when current_setting('server_version_num')::int >= 160000 then 'set' else 'member' end
       ) as by_set_role
from pg_roles r
where r.rolname = current_user
