-- Take back what `lend` gave.
-- {schema}, {role}: names
revoke create on schema {schema} from {role}
