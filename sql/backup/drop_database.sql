-- Remove a database of ours with whatever is in it. Only ever an aside; its sessions have been ended. Not by force:
-- that is refused to all but a superuser while the server's own vacuum is in it, which a plain drop ends and waits for.
-- {database}: name
drop database if exists {database}
