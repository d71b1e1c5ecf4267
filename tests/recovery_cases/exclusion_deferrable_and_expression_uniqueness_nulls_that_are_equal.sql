-- Exclusion, deferrable and expression uniqueness, nulls that are equal.
create table booking (id int primary key, during int4range not null, exclude using gist (during with &&));
create table place (id int primary key, rank int unique deferrable initially immediate, slot int unique deferrable initially deferred);
create table name (id int primary key, n text, gone bool default false, upper_n text generated always as (upper(n)) stored unique);
create unique index on name (lower(n)) where not gone;
create table pair (a int, b text, note text, unique nulls not distinct (a, b));
insert into booking select i, int4range(i * 10, i * 10 + 10) from generate_series(1, 9) i;
insert into place select i, i, i from generate_series(1, 9) i;
insert into name (id, n) select i, 'n' || i from generate_series(1, 9) i;
insert into pair values (1, null, 'x'), (null, null, 'y'), (2, 'b', 'z');

-- then, on new
update booking set during = 'empty' where id = 1; update booking set during = '[10,25)' where id = 2; update booking set during = '[25,30)' where id = 1;
update place set rank = 10 - rank, slot = slot % 9 + 1;
update name set n = 'x' where id = 1; update name set n = 'n1' where id = 2; update name set n = 'N2' where id = 1;
update name set gone = true where id = 5; delete from name where id = 6; insert into name (id, n) values (60, 'n6');
delete from pair where note = 'y'; insert into pair values (null, null, 'new'); update pair set a = 7 where a = 1;
