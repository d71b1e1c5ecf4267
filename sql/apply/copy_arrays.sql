-- Take in one file of the bundle, the cells of each side as one array of texts.
-- Parameters: stage. Locks nothing.
copy {stage} from stdin
