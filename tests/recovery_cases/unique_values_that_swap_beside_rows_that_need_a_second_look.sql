-- One table needs the thorough way, the other only gains rows, and they cannot go straight into it.
create table swapped (id int primary key, v text not null unique);
insert into swapped select i, 'v' || i from generate_series(1, 9) i;
create table gained (id int primary key, v text);
insert into gained values (1, 'v');
-- then, on new
update swapped set v = 'parked' where id = 1;
update swapped set v = 'v1' where id = 2;
update swapped set v = 'v2' where id = 1;
insert into gained values (2, '=1+1'), (3, '\N'), (4, E'\n');
