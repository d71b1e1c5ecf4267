-- One asset as its clients see it. Parameter: id.
select id, reference, operation_id, name from assets where id = %(id)s
