-- The sequences of this database and whose column each one feeds. Where they stand: read_positions.sql.
-- Parameters: ours (text[], schemas of ours that are no part of the data). Locks nothing.
select c.oid
     , n.nspname as schema
     , c.relname as name
     , s.seqincrement as increment
     , s.seqmin as minimum
     , s.seqmax as maximum
     , s.seqcycle as cycles
     , tn.nspname as table_schema
     , t.relname as table_name
     , a.attname as column
     , pg_get_userbyid(c.relowner) as owner
     , has_schema_privilege(n.oid, 'usage') and has_sequence_privilege(c.oid, 'select') as readable
     , pg_has_role(
         c.relowner
       , case when current_setting('server_version_num')::int >= 160000 then 'set' else 'member' end
       ) as readable_by_owner
from pg_sequence s
join pg_class c on c.oid = s.seqrelid
join pg_namespace n on n.oid = c.relnamespace
left join pg_depend d on d.classid = 'pg_class'::regclass and d.objid = c.oid
                     and d.refclassid = 'pg_class'::regclass and d.refobjsubid > 0 and d.deptype in ('a', 'i')
left join pg_class t on t.oid = d.refobjid
left join pg_namespace tn on tn.oid = t.relnamespace
left join pg_attribute a on a.attrelid = t.oid and a.attnum = d.refobjsubid
where c.relpersistence <> 't'
  and n.nspname <> 'information_schema'
  and n.nspname not like 'pg\_%%'
  and n.nspname <> all(%(ours)s)
order by n.nspname, c.relname
