-- Triggers and rules of every mode stay quiet and come back.
create table noise (what text, at timestamptz default clock_timestamp());
create table item (id int primary key, v text, updated_at timestamptz default now());
create table part (id int, v text, primary key (id, v)) partition by list (v); create table part_a partition of part for values in ('a');
create table part_rest partition of part default;
insert into item select i, 'v' || i, '2024-01-01' from generate_series(1, 9) i;
insert into part select i, case when i < 4 then 'a' else 'b' end from generate_series(1, 8) i;
create function note() returns trigger language plpgsql as $$begin insert into public.noise (what) values (tg_name || tg_op); return coalesce(new, old); end$$;
create function touch() returns trigger language plpgsql as $$begin new.updated_at := clock_timestamp(); return new; end$$;
create function refuse() returns trigger language plpgsql as $$begin raise exception 'never'; end$$;
create trigger t1 before insert or update on item for each row execute function touch();
create trigger t2 after insert or update or delete on item for each row execute function note();
create trigger t3 after insert or update or delete on item execute function note();
create trigger t4 before update on item for each row execute function refuse();
create trigger t5 after update on item for each row execute function note();
create trigger "t 6" before delete on item for each row execute function refuse();
create constraint trigger t7 after insert on item deferrable initially deferred for each row execute function note();
create trigger p1 after insert or delete on part for each row execute function note();
create trigger p2 before insert on part_a for each row execute function note();
create rule r1 as on insert to item do also insert into noise (what) values ('rule');
create rule r2 as on delete to item do instead nothing;
alter table item disable trigger t4; alter table item enable always trigger t5; alter table item enable replica trigger "t 6";
alter table item enable always rule r1; alter table item disable rule r2; alter table part_a enable always trigger p2; alter table part_rest disable trigger p1;

-- then, on new
insert into item values (20, 'new'); update item set v = 'w' where id < 4; update item set id = 30 where id = 5; delete from item where id = 6;
delete from part where id = 1; insert into part values (50, 'a'), (51, 'q'); update part set v = 'z' where id = 2;
