-- Keys that are cascaded on update, composite and full match.
create table country (code text, region int, primary key (code, region), name text);
create table city (id int primary key, code text, region int, foreign key (code, region) references country
  match full on update cascade on delete cascade);
create table word (w text unique, id serial primary key);
create table use (id int primary key, w text references word (w) on update cascade);
insert into country values ('de', 1, 'D'), ('fr', 1, 'F'), ('it', 2, 'I');
insert into city values (1, 'de', 1), (2, 'fr', 1), (3, null, null), (4, 'it', 2);
insert into word values ('one'), ('two'), ('three'); insert into use values (1, 'one'), (2, 'two'), (3, null);

-- then, on new
update country set code = 'ger' where code = 'de'; update country set region = 7 where code = 'it';
delete from country where code = 'fr'; update city set code = null, region = null where id = 4;
update word set w = 'tmp' where w = 'one'; update word set w = 'one' where w = 'two'; update word set w = 'two' where w = 'tmp';
