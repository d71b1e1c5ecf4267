"""Users: asynchronous clients that find the site by DNS, write, and keep a ledger of what was acknowledged."""
