-- Make the next step of this transaction on the sequence one that is undone with it: setval alone is not.
-- Parameters: sequence. Takes share row exclusive on it.
alter sequence {sequence} restart
