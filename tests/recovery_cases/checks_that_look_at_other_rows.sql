-- Checks that look at other rows, in a table that comes later and in their own: they hold before and after, not between.
create table z_known (id int primary key);
create function how_often_known(wanted int) returns bigint language sql stable
  as 'select count(*) from public.z_known k where k.id = wanted';
create function is_known(wanted int) returns boolean language plpgsql stable
  as 'begin return how_often_known(wanted) > 0; end';
create table a_claim (id int primary key, of int, constraint known check (is_known(of)));
comment on constraint known on a_claim is 'older than foreign keys';
create table a_claim_by_day (id int, day date, of int, primary key (id, day), check (is_known(of))) partition by range (day);
create table a_claim_january partition of a_claim_by_day for values from ('2026-01-01') to ('2026-02-01');
create table crew (id int primary key, leads boolean not null);
create function leaders() returns bigint language sql stable as 'select count(*) from public.crew where leads';
insert into z_known values (1), (2);
insert into a_claim values (1, 1), (2, 2);
insert into a_claim_by_day values (1, '2026-01-01', 1);
insert into crew values (1, true), (2, false), (3, false);
alter table crew add constraint one_leads check (leaders() <= 1);
-- then, on new
insert into z_known values (3);
insert into a_claim values (3, 3);
update a_claim set of = 3 where id = 2;
delete from z_known where id = 2;
insert into a_claim_by_day values (2, '2026-01-02', 3);
update crew set leads = false where id = 1;
update crew set leads = true where id = 2;
delete from crew where id = 1;
insert into crew values (4, false);
