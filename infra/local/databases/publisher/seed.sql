-- publisher_db: some ten thousand rows, the same in every run. Run as publisher_app, in one transaction.

insert into service_state default values;

insert into price_tiers (code, label, cents, vat) values
    ('free', 'Free', 0, 0), ('standard', 'Standard', 499, 0.2), ('premium', 'Premium', 1299, 0.2), ('school', 'School', 199, 0.055);

insert into imprints (parent_id, name)
select nullif(n / 5, 0), format('Imprint %s', n) from generate_series(1, 40) n;

insert into authors (handle, email, biography, born, links, created_at, updated_at)
select
    format('author-%s', n), format('author-%s@example.org', n),
    case when n % 3 = 0 then null when n % 3 = 1 then '' else format(E'Line one of %s,\nline "two"; caf\u00e9', n) end,
    date '1950-01-01' + n * 17, array[format('https://example.org/%s', n), 'x,y'],
    timestamptz '2025-01-01 00:00Z' + n * interval '1 hour', timestamptz '2025-06-01 00:00Z' + n * interval '7 minutes'
from generate_series(1, 500) n;

insert into stories (reference, author_id, imprint_id, tier, title, status, tags, metadata, operation_id, created_at, updated_at)
select
    md5(format('story %s', n))::uuid, 1 + n % 500, nullif(n % 41, 0), (array['free', 'standard', 'premium', 'school'])[1 + n % 4],
    format('Story %s: "%s"', n, (array['the fox', 'a,b', E'two\nlines', '', 'null'])[1 + n % 5]),
    (enum_range(null::story_status))[1 + n % 4],
    case when n % 7 = 0 then '{}' else array[format('tag-%s', n % 13), null, 'NULL', ''] end,
    jsonb_build_object('words', n * 3, 'ratio', n / 8.0, 'nested', jsonb_build_object('ok', n % 2 = 0, 'none', null)),
    md5(format('seed story %s', n))::uuid,
    timestamptz '2025-02-01 00:00Z' + n * interval '3 hours', timestamptz '2025-09-01 00:00Z' + n * interval '11 minutes'
from generate_series(1, 2000) n;

insert into revisions (id, story_id, number, body, digest, operation_id, created_at)
select
    md5(format('revision %s %s', s.id, number))::uuid, s.id, number, repeat(format('Body %s of %s. ', number, s.id), 4),
    decode(md5(format('%s/%s', s.id, number)), 'hex'), md5(format('seed revision %s %s', s.id, number))::uuid,
    s.created_at + number * interval '1 day'
from stories s cross join generate_series(1, 2) number;

alter table stories disable trigger user;
update stories set current_revision_id = md5(format('revision %s 2', id))::uuid;
alter table stories enable trigger user;

insert into story_contributors (story_id, author_id, "role", share)
select id, 1 + (id * 7) % 500, (array['editor', 'illustrator'])[1 + id % 2], (id % 100) / 100.0 from stories where id % 2 = 0;

insert into "Release" ("storyId", "order", "Title", "createdAt")
select id, 1, nullif(format('Release %s', id), 'Release 8'), timestamp '2025-10-01' + id * interval '1 minute' from stories where id % 4 = 0;

insert into deliveries (delivered_on, story_id, channel, address, took)
select date '2025-06-01' + n % 400, 1 + n % 2000, (array['email', 'app', 'print'])[1 + n % 3],
    ('10.0.' || n % 256 || '.1')::inet, n * interval '1 millisecond'
from generate_series(1, 1500) n;

insert into publication_events (operation_id, story_id, kind, payload, created_at)
select md5(format('seed event %s', n))::uuid, 1 + n % 2000, 'imported', jsonb_build_object('n', n), timestamptz '2025-11-01 00:00Z' + n * interval '1 second'
from generate_series(1, 1500) n;
