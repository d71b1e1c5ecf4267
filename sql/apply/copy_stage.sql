-- Take in one file of the bundle as it is, every cell as text.
-- Parameters: stage. Locks nothing.
copy {stage} from stdin (format csv, header, null '\N', encoding 'utf8')
