-- Act as the role that made a grant, until the transaction ends: only it can take its grant back.
-- {role}
set local role {role}
