-- A story goes with everything under it, an event stays; returns its id, or no row when there is no such story.
-- Parameters: operation, id. One statement, so one transaction.
with story as (
    delete from stories where id = %(id)s returning id
),
event as (
    insert into publication_events (operation_id, story_id, kind) select %(operation)s, id, 'deleted' from story
)
select id from story
