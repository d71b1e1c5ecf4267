-- The application's triggers and rules on these relations, with when they fire (O, A, R or D).
-- Parameters: relations (oid[]). Locks nothing.
select t.tgrelid as relation
     , 'trigger' as kind
     , t.tgname::text as name
     , t.tgenabled::text as mode
from pg_trigger t
where t.tgrelid = any(%(relations)s)
  and not t.tgisinternal
union all
select r.ev_class, 'rule', r.rulename::text, r.ev_enabled::text
from pg_rewrite r
where r.ev_class = any(%(relations)s)
order by relation, kind, name
