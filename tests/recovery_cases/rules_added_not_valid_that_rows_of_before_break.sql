-- Rules that were added NOT VALID and that rows of before break; new mends these rows, or a parent comes for them.
create table parent (id int primary key, v text);
create table child (id int primary key, parent int, n int, v text unique);
insert into parent values (1, 'a'), (2, 'b');
insert into child values (1, 1, 5, 'p'), (2, 90, 5, 'q'), (3, 91, -1, 'r'), (4, 92, -2, 's'), (5, null, -3, 't');
alter table child add constraint known foreign key (parent) references parent on delete cascade not valid;
alter table child add constraint positive check (n > 0) not valid;
comment on constraint known on child is 'since the merger';
create table split (id int, part int, parent int, n int, primary key (id, part)) partition by range (part);
create table split_1 partition of split for values from (0) to (9);
insert into split values (1, 1, 1, 5), (2, 2, 93, -1), (3, 3, 94, 2);
alter table split_1 add constraint apart foreign key (parent) references parent not valid;
alter table split_1 add constraint above check (n > 0) not valid;

-- then, on new
insert into parent values (90, 'found again');
update child set parent = 1, n = 7 where id = 3; delete from child where id = 4; update child set n = 3 where id = 5;
insert into child values (7, 90, 1, 'u');
update child set v = 'x' where id = 1; update child set v = 'p' where id = 3;
delete from parent where id = 2;
insert into split values (4, 4, 1, 1); update split set n = 8 where id = 3; update split set parent = 90, n = 1 where id = 2; delete from split where id = 1;
