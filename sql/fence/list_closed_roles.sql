-- Which of those roles exist and may not log in at all. Reads only.
-- %(roles)s: names, text[]
select r.rolname
from pg_roles as r
where r.rolname = any(%(roles)s)
  and not r.rolcanlogin
order by r.rolname
