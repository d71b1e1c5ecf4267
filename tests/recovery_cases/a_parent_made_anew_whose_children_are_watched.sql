-- A parent made anew whose children are watched: by triggers, by a rule, and by what its keys would do to them.
create table source (id int primary key, code text unique not null, base int, twice int generated always as (base * 2) stored unique);
create table kept (id int primary key, code int references source on delete cascade);
create table marked (id int primary key, code text default 'none' references source (code) on delete set default);
create table counted (id int primary key, twice int references source (twice) on update cascade);
create table heard (id int generated always as identity primary key, what text);
create function hear() returns trigger language plpgsql set search_path = public as $$ begin insert into heard (what) values (tg_op || tg_level); return old; end $$;
create trigger each before delete on kept for each row execute function hear();
create trigger once after delete on kept for each statement execute function hear();
create rule also as on delete to kept do also insert into heard (what) values ('rule');
insert into source (id, code, base) values (0, 'none', 0), (1, 'a', 1), (2, 'b', 2), (3, 'c', 3);
insert into kept values (1, 1), (2, 2); insert into marked values (1, 'c'); insert into counted values (1, 2), (2, 4);

-- then, on new
update source set code = 'free' where id = 1; update source set code = 'a' where id = 2; update source set code = 'b' where id = 1;
update source set id = 30 where id = 3; update source set base = 20 where id = 2;
