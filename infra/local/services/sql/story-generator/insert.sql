-- A new generation with its first draft, chapter and scene, and an event; returns its id.
-- Parameters: operation, reference, child (the draft's id), text. One statement, so one transaction.
with generation as (
    insert into generations (reference, user_id, model, prompt, parameters, scores, tokens, operation_id)
    values (
        %(reference)s, 1 + (hashtext(%(reference)s::text) & 65535) %% 600, 'quill-small', %(text)s::text,
        '{"temperature": 0.7}', '{0.5}', length(%(text)s::text), %(operation)s
    )
    returning id
),
draft as (
    insert into "Draft" ("Id", "generationId", "order", body, operation_id)
    select %(child)s, id, 1, %(text)s::text, %(operation)s from generation
    returning "Id"
),
chapter as (
    insert into chapters (draft_id, "number", title) select "Id", 1, 'One' from draft
    returning draft_id
),
scene as (
    insert into scenes (draft_id, chapter, "number", body) select draft_id, 1, 1, 'It begins.' from chapter
),
event as (
    insert into generation_events (operation_id, generation_id, kind) select %(operation)s, id, 'created' from generation
)
select id from generation
