-- Inheritance: the same key in parent and child.
create table base (id int primary key, v text); create table sub (w int, primary key (id)) inherits (base); create table subsub () inherits (sub);
insert into base values (1, 'base'), (2, 'base'); insert into sub values (1, 'sub', 1), (3, 'sub', 3); insert into subsub values (1, 'ss', 9), (4, 'ss', 4);

-- then, on new
update only base set v = 'changed' where id = 1; delete from only sub where id = 1; insert into sub values (2, 'moved', 2);
update subsub set w = 7 where id = 1; insert into subsub values (5, null, null); delete from only base where id = 2;
