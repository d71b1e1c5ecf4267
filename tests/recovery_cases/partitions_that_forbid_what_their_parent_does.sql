-- Partitions that forbid what their parent does, and a parent in partitions.
create table code (id int primary key, code text unique not null);
create table split (id int, part int, code int references code on delete restrict, primary key (id, part)) partition by list (part);
create table split_1 partition of split for values in (1); create table split_2 partition of split for values in (2, 3);
create table plain (id int primary key, split_id int, split_part int, v text unique, foreign key (split_id, split_part) references split on delete restrict);
insert into code values (1, 'a'), (2, 'b'), (3, 'c'); insert into split values (1, 1, 1), (2, 2, 2); insert into plain values (1, 1, 1, 'x'), (2, 2, 2, 'y');

-- then, on new
update code set code = 'free' where id = 1; update code set code = 'a' where id = 2; update code set code = 'b' where id = 1;
insert into split values (1, 2, 3); update plain set split_part = 2 where id = 1; delete from split where (id, part) = (1, 1);
