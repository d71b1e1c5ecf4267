-- Functions that find others by the search path: in checks, in unique indexes, in generated columns, under domains.
create function plain(text) returns text language sql immutable as $$ select lower($1) $$;
create function folded(text) returns text language plpgsql immutable as $$ begin return plain($1); end $$;
create domain clean as varchar(12) check (folded(value) <> 'dirty');
create table limits (name text primary key, most int); insert into limits values ('any', 100);
create function most() returns int language plpgsql stable as $$ begin return (select most from limits where name = 'any'); end $$;
create table spelled (id int primary key, v text check (folded(v) <> ''), low text generated always as (folded(v)) stored, c clean, n int check (n <= most()));
create unique index on spelled (folded(v)) where folded(v) > 'a';
insert into spelled (id, v, c, n) select i, 'W' || i, 'c' || i, i from generate_series(1, 9) i;

-- then, on new
insert into spelled (id, v, c, n) values (20, 'New', 'd', 50); update spelled set v = 'Other', c = 'e' where id = 2; delete from spelled where id = 3;
update spelled set v = 'free' where id = 4; update spelled set v = 'w4' where id = 5; update spelled set v = 'w5', n = 99 where id = 4; update spelled set id = 60 where id = 6;
