-- story_generator_db: some ten thousand rows, the same in every run. Run as story_generator_app, in one transaction.

insert into service_state default values;

insert into models (name, context_tokens, cents_per_token, released) values
    ('quill-small', 8192, 0.00012, '2024-03-01'), ('quill-large', 131072, 0.0015, '2025-02-14'), ('quill-next', 262144, 0.003, null);

insert into templates (parent_id, name, body, created_at)
select nullif(n / 3, 0), format('template-%s', n), format(E'Write about {{topic_%s}}\n\\. and "quotes"', n), timestamptz '2025-01-01 00:00Z' + n * interval '1 day'
from generate_series(1, 60) n;

insert into "user" ("group", "displayName", preferences, "updatedAt")
select (array['readers', 'writers', 'Ops'])[1 + n % 3], nullif(format('User %s', n), 'User 7'),
    case when n % 4 = 0 then null else json_build_object('theme', 'dark', 'n', n) end,
    case when n % 6 > 0 then timestamptz '2025-04-01 00:00Z' + n * interval '1 hour' end
from generate_series(1, 600) n;

insert into generations (reference, user_id, template_id, model, prompt, parameters, scores, status, tokens, operation_id, created_at, updated_at)
select
    md5(format('generation %s', n))::uuid, 1 + n % 600, nullif(n % 61, 0), (array['quill-small', 'quill-large', 'quill-next'])[1 + n % 3],
    format(E'Prompt %s\twith a tab', n), jsonb_build_object('temperature', n % 10 / 10.0, 'seed', n),
    array[n / 3.0, -0.0, 1e20]::double precision[], (enum_range(null::generation_status))[1 + n % 4], n * 5, md5(format('seed generation %s', n))::uuid,
    timestamptz '2025-02-01 00:00Z' + n * interval '1 hour', timestamptz '2025-08-01 00:00Z' + n * interval '17 minutes'
from generate_series(1, 1500) n;

insert into "Draft" ("Id", "generationId", "order", body, operation_id, created_at)
select md5(format('draft %s', id))::uuid, id, 1, format('Draft of %s', id), md5(format('seed draft %s', id))::uuid, created_at from generations;

insert into chapters (draft_id, "number", title, picture)
select "Id", n, format('Chapter %s', n), case when n = 1 then decode(md5("Id"::text), 'hex') end
from "Draft" cross join generate_series(1, 2) n
where "generationId" % 2 = 0;

insert into scenes (draft_id, chapter, "number", body, lasts)
select draft_id, "number", n, format('Scene %s', n), n * interval '90 minutes' from chapters cross join generate_series(1, 2) n where "number" = 1;

insert into characters (name, rival_id) select format('Character %s', n), nullif(n / 2, 0) from generate_series(1, 120) n;

insert into generation_characters (generation_id, character_id) select id, 1 + id % 120 from generations;

insert into generation_events (operation_id, generation_id, kind, payload, created_at)
select md5(format('seed event %s', n))::uuid, 1 + n % 1500, 'imported', null, timestamptz '2025-11-01 00:00Z' + n * interval '1 second'
from generate_series(1, 1500) n;

insert into archive.retired_prompts (id, prompt, retired_at)
select md5(format('retired %s', n))::uuid, format('Old prompt %s', n), timestamptz '2024-06-01 00:00Z' + n * interval '1 hour'
from generate_series(1, 500) n;
