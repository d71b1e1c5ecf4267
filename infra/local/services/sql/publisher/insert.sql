-- A new story with its first revision, a contributor, a delivery and an event; returns its id.
-- Parameters: operation, reference, child (the revision's id), text. One statement, so one transaction.
with story as (
    insert into stories (reference, author_id, title, tags, metadata, current_revision_id, operation_id)
    values (
        %(reference)s, 1 + (hashtext(%(reference)s::text) & 65535) %% 500, %(text)s::text, array['traffic'],
        jsonb_build_object('words', length(%(text)s::text)), %(child)s, %(operation)s
    )
    returning id, author_id
),
revision as (
    insert into revisions (id, story_id, number, body, digest, operation_id)
    select %(child)s, id, 1, %(text)s::text, sha256(convert_to(%(text)s::text, 'UTF8')), %(operation)s from story
),
contributor as (
    insert into story_contributors (story_id, author_id, "role") select id, author_id, 'editor' from story
),
delivery as (
    insert into deliveries (delivered_on, story_id, channel) select current_date, id, 'app' from story
),
event as (
    insert into publication_events (operation_id, story_id, kind) select %(operation)s, id, 'created' from story
)
select id from story
