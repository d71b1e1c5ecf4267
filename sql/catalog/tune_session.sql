-- How a session of ours plans. Parameters: by_scan ("on" or "off"): "off" for keyed look-ups of a few thousand rows,
-- which must never read a whole table. Locks nothing.
select set_config('work_mem', '64MB', false)
     , set_config('enable_seqscan', %(by_scan)s, false)
     , set_config('enable_hashjoin', %(by_scan)s, false)
     , set_config('enable_mergejoin', %(by_scan)s, false)
