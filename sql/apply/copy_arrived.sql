-- Read one piece of a large file into values.
-- Parameters: arrived. Locks nothing but the new rows.
copy switchback.{arrived} from stdin (format csv, null '\N', encoding 'utf8')
