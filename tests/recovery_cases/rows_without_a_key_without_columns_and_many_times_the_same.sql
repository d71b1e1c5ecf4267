-- Rows without a key, without columns, and many times the same.
create table log (v text, n numeric, at timestamp); create table nothing (); create table only_made (g int generated always as (1) stored);
insert into log select 'same', 1.10, '2025-01-01' from generate_series(1, 9); insert into log values (null, null, null), ('', 1.1, null), ('\N', 0, null);
insert into nothing select from generate_series(1, 5); insert into only_made select from generate_series(1, 3);

-- then, on new
delete from log where ctid in (select ctid from log where v = 'same' limit 4); insert into log values (null, null, null), ('', 1.10, null), (E'\\E', 0, null);
update log set n = 1.100 where v = '' and n::text = '1.1'; update log set v = '' where v = '\N';
insert into nothing select from generate_series(1, 2); delete from only_made where ctid = '(0,1)';
