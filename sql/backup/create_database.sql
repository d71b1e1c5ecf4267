-- An empty database, made as the one was that a backup holds. Blocks nobody.
-- {database}, {owner}: names; {encoding}, {collate}, {ctype}: text
create database {database}
  owner {owner}
  template template0
  encoding {encoding}
  lc_collate {collate}
  lc_ctype {ctype}
