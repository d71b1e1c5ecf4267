-- Act as another role until the transaction ends: only the maker of a grant takes it back, only an owner alters.
-- {role}
set local role {role}
