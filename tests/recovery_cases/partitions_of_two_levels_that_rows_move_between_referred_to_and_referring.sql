-- Partitions of two levels that rows move between, referred to and referring.
create table kind (k text primary key); insert into kind values ('a'), ('b'), ('c'), ('z');
create table event (id int, at date, k text references kind on delete cascade, v text, primary key (id, at, k)) partition by range (at);
create table event_24 partition of event for values from ('2024-01-01') to ('2025-01-01');
create table event_25 partition of event for values from ('2025-01-01') to ('2026-01-01') partition by list (k);
create table event_25_a partition of event_25 for values in ('a'); create table event_25_rest partition of event_25 default;
create table event_rest partition of event default;
create table mark (id int primary key, event int, at date, k text, foreign key (event, at, k) references event on delete cascade);
insert into event select i, date '2024-06-01' + i * 40, (array['a', 'b', 'c'])[1 + i % 3], 'v' || i from generate_series(1, 20) i;
insert into mark select id, id, at, k from event where id % 3 <> 1;

-- then, on new
update event set v = 'w' where id = 3;
update event set k = 'a' where k = 'b' and id % 3 = 1 and id <> 4;
delete from mark where id in (4, 5);
delete from event where id = 4;
insert into event values (40, '2030-01-01', 'c', 'far'), (41, '2024-02-02', 'z', 'near');
insert into mark values (40, 40, '2030-01-01', 'c');
update mark set event = 41, at = '2024-02-02', k = 'z' where id in (2, 6);
update event set at = '2025-03-03' where id = 5;
delete from kind where k = 'c';
