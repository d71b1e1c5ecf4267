-- Check now what was left to the end of the transaction.
-- Parameters: none. Reads what refers to the rows touched.
set constraints all immediate
