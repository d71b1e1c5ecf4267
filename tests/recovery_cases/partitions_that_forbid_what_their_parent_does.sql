-- Partitions that forbid what their parent does, and a parent in partitions.
create table issued (id int primary key, code text unique not null);
create table forked (id int, part int, code int references issued on delete restrict, primary key (id, part)) partition by list (part);
create table forked_1 partition of forked for values in (1); create table forked_2 partition of forked for values in (2, 3);
create table leaf (id int primary key, split_id int, split_part int, v text unique, foreign key (split_id, split_part) references forked on delete restrict);
insert into issued values (1, 'a'), (2, 'b'), (3, 'c'); insert into forked values (1, 1, 1), (2, 2, 2); insert into leaf values (1, 1, 1, 'x'), (2, 2, 2, 'y');

-- then, on new
update issued set code = 'free' where id = 1; update issued set code = 'a' where id = 2; update issued set code = 'b' where id = 1;
insert into forked values (1, 2, 3); update leaf set split_part = 2 where id = 1; delete from forked where (id, part) = (1, 1);
