-- One story as its clients see it. Parameter: id.
select id, reference, operation_id, title from stories where id = %(id)s
