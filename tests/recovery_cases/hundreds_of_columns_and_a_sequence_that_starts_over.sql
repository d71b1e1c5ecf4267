-- Too wide for a table of ours with a column for each side's cell; and wide rows filled to the brim.
create sequence cycling minvalue 1 maxvalue 3 cycle;
select nextval('cycling'), nextval('cycling'), nextval('cycling');
do $$
begin
  execute 'create table wide (id int primary key, ' || (
    select string_agg('c' || i || ' ' || (array['timestamptz', 'varchar(40)', 'bigint'])[1 + i % 3], ', ') from generate_series(1, 420) i) || ')';
  execute 'insert into wide select i, ' || (
    select string_agg((array['timestamptz ''2025-01-02 03:04:05.123456''', 'md5(i::text)', 'i * 1000000007::bigint'])[1 + j % 3], ', ') from generate_series(1, 420) j) || ' from generate_series(1, 9) i';
  execute 'create table widest (id int primary key, ' || (select string_agg('c' || i || ' text', ', ') from generate_series(1, 900) i) || ')';
  execute 'insert into widest (id, c1, c900) select i, ''\N'', ''end'' from generate_series(1, 9) i';
  execute 'create table wide_without_a_key (' || (select string_agg('c' || i || ' numeric', ', ') from generate_series(1, 300) i) || ')';
  execute 'insert into wide_without_a_key (c1, c300) select i % 3, 1.50 from generate_series(1, 9) i';
end
$$;
-- then, on new
select nextval('cycling');
update wide set c3 = now(), c4 = 'changed', c420 = null where id < 5;
delete from wide where id = 9;
insert into wide (id, c1) values (20, '=1+1');
update widest set c900 = E'\\N\n"', c1 = null where id < 3;
delete from widest where id = 9;
insert into widest (id, c2) values (20, ''), (21, '\E');
insert into wide_without_a_key (c1) values (0), (0);
delete from wide_without_a_key where ctid = (select min(ctid) from wide_without_a_key where c1 = 2);
