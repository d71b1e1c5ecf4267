-- The columns of these tables, with the type under all domains and whether text is only one cast away. One whose NOT
-- NULL was added NOT VALID (since 18) may hold nulls.
-- Parameters: tables (oid[]). Locks nothing.
with recursive unfolded as (
  select t.oid as id, t.oid as base, null::int as typmod
  from pg_type t
  where t.oid in (select a.atttypid from pg_attribute a where a.attrelid = any(%(tables)s))
  union all
  select u.id, t.typbasetype, coalesce(nullif(t.typtypmod, -1), u.typmod)
  from unfolded u
  join pg_type t on t.oid = u.base
  where t.typtype = 'd'
)
select a.attrelid as relation
     , a.attname as name
     , format_type(a.atttypid, a.atttypmod) as type
     , format_type(b.oid, null) as base_type
     , format_type(b.oid, case when b.oid = a.atttypid then a.atttypmod else u.typmod end) as plain_type
     , b.typtype::text as family
     , a.attnotnull and not exists (
         select from pg_constraint k
         where k.conrelid = a.attrelid
           and k.contype = 'n'
           and k.conkey = array[a.attnum]
           and not k.convalidated
       ) as not_null
     , pg_get_expr(d.adbin, d.adrelid) as default
     , a.attgenerated::text as generated
     , a.attidentity::text as identity
     , coalesce(c.collisdeterministic, true) as deterministic
     , exists (
         select from pg_cast x
         where x.castsource = b.oid
           and x.casttarget = 'text'::regtype
           and x.castmethod = 'f'
       ) as cast_to_text
     , case e.typtype
         when 'd' then format_type(e.typbasetype, e.typtypmod)
         when 'r' then (select format_type(r.rngsubtype, null) from pg_range r where r.rngtypid = e.oid)
         when 'c' then (
           select string_agg(format('%%I %%s', m.attname, format_type(m.atttypid, m.atttypmod)), ', ' order by m.attnum)
           from pg_attribute m
           where m.attrelid = e.typrelid and m.attnum > 0 and not m.attisdropped
         )
       end as shape
from pg_attribute a
join unfolded u on u.id = a.atttypid
join pg_type b on b.oid = u.base and b.typtype <> 'd'
left join pg_type e on e.oid = case when b.typcategory = 'A' then b.typelem else b.oid end
left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
left join pg_collation c on c.oid = a.attcollation
where a.attrelid = any(%(tables)s)
  and a.attnum > 0
  and not a.attisdropped
order by a.attrelid, a.attnum
