-- How a session of ours plans. Parameters: by_scan ("on" or "off"): "off" for keyed look-ups of a few thousand rows,
-- which must never read a whole table. Locks nothing. Sums over buckets have few groups, which the planner cannot
-- know: it would sort the whole table first. What must come ordered is sorted all the same.
select set_config('work_mem', '64MB', false)
     , set_config('enable_sort', 'off', false)
     , set_config('enable_seqscan', %(by_scan)s, false)
     , set_config('enable_hashjoin', %(by_scan)s, false)
     , set_config('enable_mergejoin', %(by_scan)s, false)
