-- A story's next revision and an event; returns its id, or no row when there is no such story.
-- Parameters: operation, id, child (the revision's id), text. One statement, so one transaction.
with story as (
    update stories
    set title = %(text)s::text, status = 'published', current_revision_id = %(child)s, operation_id = %(operation)s
    where id = %(id)s
    returning id
),
revision as (
    insert into revisions (id, story_id, number, body, digest, operation_id)
    select
        %(child)s, id, (select coalesce(max(number), 0) + 1 from revisions where story_id = %(id)s),
        %(text)s::text, sha256(convert_to(%(text)s::text, 'UTF8')), %(operation)s
    from story
),
event as (
    insert into publication_events (operation_id, story_id, kind) select %(operation)s, id, 'updated' from story
)
select id from story
