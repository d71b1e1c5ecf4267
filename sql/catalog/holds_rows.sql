-- Whether a table holds a row that meets a condition. Identifiers: relation, condition. Reads until the first one.
select exists (
  select
  from {relation}
  where {condition}
)
