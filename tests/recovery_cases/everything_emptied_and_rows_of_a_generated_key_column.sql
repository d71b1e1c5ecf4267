-- Everything emptied, and rows of a generated key column.
create table top (id int primary key, g int generated always as (id * 2) stored unique, v text); create table below (id int primary key, g int references top (g), up int references below on delete cascade);
insert into top (id, v) select i, 'v' || i from generate_series(1, 9) i; insert into below select i, i * 2, null from generate_series(1, 9) i; update below set up = id - 1 where id > 1;
create unlogged table quick (id int primary key, v text); insert into quick values (1, 'a');

-- then, on new
truncate below, top cascade; insert into top (id, v) values (5, 'again'), (50, 'new'); insert into below values (1, 10, null), (2, 100, 1); truncate quick;
