-- A generation's next draft and an event; returns its id, or no row when there is no such generation.
-- Parameters: operation, id, child (the draft's id), text. One statement, so one transaction.
with generation as (
    update generations
    set prompt = %(text)s::text, status = 'done', tokens = tokens + 1, operation_id = %(operation)s
    where id = %(id)s
    returning id
),
draft as (
    insert into "Draft" ("Id", "generationId", "order", body, operation_id)
    select
        %(child)s, id, (select coalesce(max("order"), 0) + 1 from "Draft" where "generationId" = %(id)s),
        %(text)s::text, %(operation)s
    from generation
),
event as (
    insert into generation_events (operation_id, generation_id, kind) select %(operation)s, id, 'updated' from generation
)
select id from generation
