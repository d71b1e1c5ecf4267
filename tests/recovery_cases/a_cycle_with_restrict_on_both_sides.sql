-- A cycle with restrict on both sides.
create table a (id int primary key, b int, v text unique);
create table b (id int primary key, a int references a on delete restrict, v text unique);
alter table a add foreign key (b) references b on delete restrict;
insert into a select i, null, 'a' || i from generate_series(1, 6) i;
insert into b select i, i, 'b' || i from generate_series(1, 6) i; update a set b = id;

-- then, on new
update a set b = null where id < 3; delete from b where id < 3; delete from a where id < 3;
insert into a values (11, null, 'a1'); insert into b values (11, 11, 'b1'); update a set b = 11 where id = 11;
update a set v = 'q' where id = 5; update a set v = 'a5' where id = 6; update a set v = 'a6' where id = 5;
