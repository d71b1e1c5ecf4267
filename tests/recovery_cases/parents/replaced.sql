-- Parents are replaced by others with the same unique values; their children move on.
create table account (id int primary key, email text not null unique, code text unique, parent int references account on delete {action});
create table session (id int primary key, account int default 3 references account on delete {action}, note text);
insert into account values (1, 'a', 'A', null), (2, 'b', 'B', 1), (3, 'c', null, 2), (4, 'd', 'D', 1);
insert into session select i, 1 + i % 4, 'n' || i from generate_series(1, 12) i;

-- then, on new
update session set account = 4 where account in (1, 2);
update account set parent = 4 where parent in (1, 2);
delete from account where id = 1;
delete from account where id = 2;
insert into account values (9, 'a', 'B', 3), (10, 'b', 'A', 9);
update session set account = 9 where id in (1, 5);
update session set account = 10 where id = 9;
