-- Where the sequence goes on.
-- Parameters: literals: sequence (its quoted name), last_value, is_called. Locks nothing more.
select setval({sequence}::regclass, {last_value}, {is_called})
