-- One generation as its clients see it. Parameter: id.
select id, reference, operation_id, prompt from generations where id = %(id)s
