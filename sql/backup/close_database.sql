-- Nobody but its owner may connect to a database, nor make anything in it.
-- {database}: name
revoke all on database {database} from public
