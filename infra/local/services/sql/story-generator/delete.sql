-- A generation goes with everything under it, an event stays; returns its id, or no row without such a generation.
-- Parameters: operation, id. One statement, so one transaction.
with generation as (
    delete from generations where id = %(id)s returning id
),
event as (
    insert into generation_events (operation_id, generation_id, kind) select %(operation)s, id, 'deleted' from generation
)
select id from generation
