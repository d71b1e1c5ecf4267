-- Parents trade unique values; their children stay.
create table account (id int primary key, email text not null unique, code text unique, parent int references account on delete {action});
create table session (id int primary key, account int default 3 references account on delete {action}, note text);
insert into account values (1, 'a', 'A', null), (2, 'b', 'B', 1), (3, 'c', null, 2), (4, 'd', 'D', 1);
insert into session select i, 1 + i % 4, 'n' || i from generate_series(1, 12) i;

-- then, on new
update account set email = 'x' where id = 3;
update account set email = 'c' where id = 4;
update account set email = 'd', code = null where id = 3;
update account set code = 'Z' where code = 'A';
update account set code = 'A' where code = 'B';
update account set code = 'B' where code = 'Z';
