-- Act as the pipeline's own role again.
set local role none
