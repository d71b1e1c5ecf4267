-- A cycle that is not deferrable, with cascades.
create table team (id int primary key, lead int, name text unique);
create table person (id int primary key, team int not null references team on delete cascade, nick text unique);
alter table team add constraint led foreign key (lead) references person on delete set null;
comment on constraint led on team is 'who leads';
insert into team values (1, null, 'red'), (2, null, 'blue'), (3, null, 'green');
insert into person select i, 1 + i % 3, 'p' || i from generate_series(1, 9) i;
update team set lead = case id when 1 then 3 when 2 then 1 else 2 end;

-- then, on new
insert into team values (4, null, 'new'); insert into person values (20, 4, 'boss'); update team set lead = 20 where id = 4;
update person set team = 4 where team = 1; delete from team where id = 1;
update team set name = 'red' where id = 4; update person set nick = 'p3' || nick where id > 5;
