-- Statistics of this database, so that its first users do not pay for them. Blocks nobody.
analyze
