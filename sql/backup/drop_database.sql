-- Remove a database of ours with whatever is in it, ending its sessions. Only ever an aside.
-- {database}: name
drop database if exists {database} with (force)
