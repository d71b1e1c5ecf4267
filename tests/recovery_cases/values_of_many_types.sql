-- Values of many types.
create type mood as enum ('sad', 'o''k', 'very "happy"', ''); create type addr as (street text, zip varchar(10), geo point);
create domain short as varchar(5) check (value <> 'bad'); create domain codes as char(3)[]; create type span as range (subtype = float8);
create table v (id numeric primary key, t text, c char(7), vc varchar(9), b bytea, d date, ts timestamp(3), tz timestamptz, iv interval second(3),
  tt timetz, n numeric(12,3), f float8, r real, bo bool, u uuid, j json, jb jsonb, i inet, ci cidr, m macaddr8, mo mood, ad addr, ads addr[],
  sh short, co codes, bits bit(5), vb bit varying, sp span, mr int4multirange, arr int[][], ta text[], mn money, p point, ts_v tsvector, tq tsquery, o oid, q "char", nm name, lsn pg_lsn);
insert into v (id) select i from generate_series(1, 12) i;
insert into v (id, t, c, n) values (20.0, E'a\r\nb\\.\n"q",', 'x  ', 1.5);

-- then, on new
update v set t = E'\\N', c = ' a', vc = '', b = '\x00ff5c4e', d = '0044-03-15 BC', ts = 'infinity', tz = '1999-12-31 23:59:59.999999+05:30' where id = 1;
update v set iv = '-3 mons 2 days 00:00:01.5', tt = '10:00:00.123+05:30', n = -0.500, f = '-0', r = '1e-30', bo = true, u = '00000000-0000-0000-0000-00000000000a' where id = 2;
update v set j = '{"a" : 1.0,  "a":2}', jb = '{"k": 1.50, "é": null}', i = '10.0.0.1', ci = '10.0.0.0/8', m = '08:00:2b:01:02:03:04:05' where id = 3;
update v set mo = '', ad = ('s "x"', null, '(1,2)'), ads = array[row(null, 'z,', null)::addr, null], sh = '', co = '{a,"b ",NULL}' where id = 4;
update v set bits = '10101', vb = '', sp = '[1.5,2.5)', mr = '{[1,3),[5,9)}', arr = '[0:1][1:2]={{1,2},{3,NULL}}', ta = '{NULL,"NULL","",",","\\"}', mn = 12.34, p = '(-0,1e300)' where id = 5;
update v set ts_v = '''fat'':2A ''it''''s'':1', tq = '''a'' | !''b''', o = 4294967295, q = 'x', nm = 'N', lsn = '0/16B3748', f = 'NaN', r = '-Infinity', n = 'NaN' where id = 6;
update v set t = '=1+1', vc = '+1' where id = 7; update v set t = E'\t', vc = '-1' where id = 8; update v set t = E'\u202eRTL\ufeff', vc = '@x' where id = 9; update v set t = '', c = '' where id = 10;
insert into v (id, t, f, tz) values (30.00, repeat('long ', 50000), 0.1 + 0.2, 'infinity'); update v set id = 20.00 where id = 20; update v set n = 1.50 where id = 20;
insert into v (id, t) select 40 + g, v.t from v, generate_series(1, 3) g where v.id = 1; delete from v where id = 11;
