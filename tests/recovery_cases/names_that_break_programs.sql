-- Names that break programs.
create schema "select"; create schema "a.b""c";
create table "select"."table" ("from" int, "old:x" text, "_op" text, "100%s" int, "{}" int, "new
line" text, "s" int, "t" text, "k" int, " " text, primary key ("from", "100%s"));
create table "a.b""c"."%(x)s {y}" ("=cmd" int primary key, "select" int references "a.b""c"."%(x)s {y}" on delete cascade, "old:from" int unique);
create trigger "tr %s ""q"" x" before insert on "select"."table" for each row execute function suppress_redundant_updates_trigger();
alter table "select"."table" disable trigger "tr %s ""q"" x";
insert into "select"."table" select i, 'o' || i, 'op', i * 2, i, 'n', i, 't', i, ' ' from generate_series(1, 5) i;
insert into "a.b""c"."%(x)s {y}" values (1, null, 1), (2, 1, 2), (3, 1, 3);

-- then, on new
update "select"."table" set "old:x" = '', "_op" = 'delete', "s" = 0, "new
line" = 'l' where "from" = 1; delete from "select"."table" where "from" = 2; update "select"."table" set "100%s" = 99 where "from" = 3;
insert into "select"."table" values (9, null, null, 9, null, null, null, null, null, null);
update "a.b""c"."%(x)s {y}" set "old:from" = 9 where "=cmd" = 2; update "a.b""c"."%(x)s {y}" set "old:from" = 2 where "=cmd" = 3; update "a.b""c"."%(x)s {y}" set "old:from" = 3 where "=cmd" = 2;
insert into "a.b""c"."%(x)s {y}" values (5, 5, 5); delete from "a.b""c"."%(x)s {y}" where "=cmd" = 1;
