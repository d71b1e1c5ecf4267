-- How a session of ours plans. Parameters: by_scan ("on" or "off"): "off" for keyed look-ups of a few thousand rows,
-- which must never read a whole table; workers: how many processes may help. Locks nothing. Sums over buckets have few
-- groups, which the planner cannot know: it would sort the whole table first, and have no help because it thinks that
-- helpers would hand over every row. What must come ordered is sorted all the same.
select set_config('work_mem', '64MB', false)
     , set_config('enable_sort', 'off', false)
     , set_config('max_parallel_workers_per_gather', %(workers)s, false)
     , set_config('parallel_tuple_cost', '0', false)
     , set_config('synchronize_seqscans', 'off', false)
     , set_config('enable_seqscan', %(by_scan)s, false)
     , set_config('enable_hashjoin', %(by_scan)s, false)
     , set_config('enable_mergejoin', %(by_scan)s, false)
