-- Take rows off the stage that were left when the bundle was applied. Parameters: stage, rows (their numbers).
update {stage} t
set _decision = 'left'
where t._row = any({rows})
