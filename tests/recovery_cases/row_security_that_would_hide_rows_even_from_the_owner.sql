-- Row security that would hide rows even from the owner.
create table secret (id int primary key, tenant int, v text unique); alter table secret enable row level security;
create policy p on secret using (tenant = 1) with check (tenant = 1);
insert into secret select i, i % 3, 'v' || i from generate_series(1, 12) i; alter table secret force row level security;

-- then, on new
set row_security = on; insert into secret values (50, 1, 'mine'); update secret set v = 'v50' where id = 1; delete from secret where id = 4;
