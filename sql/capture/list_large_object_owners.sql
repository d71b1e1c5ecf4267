-- The owners of large objects, and whether we read theirs by becoming them. Takes no parameters, locks nothing.
select pg_get_userbyid(m.lomowner) as owner
     , not pg_has_role(m.lomowner, 'usage')
         and pg_has_role(
           m.lomowner
         , case when current_setting('server_version_num')::int >= 160000 then 'set' else 'member' end
         ) as become
from (select distinct lomowner from pg_largeobject_metadata) as m
order by 1
