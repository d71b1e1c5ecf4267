"""What a bundle holds, for people: summary.csv and summary.html beside it. Call `summary.write(bundle, review)`.

The page shows values of conflicts, because people must decide them: like the bundle, it is for its owner only.
Everything else of ours (messages, journals) shows counts.
"""

from switchback.recovery.summary.facts import Line, lines, totals
from switchback.recovery.summary.run import write

__all__ = ["Line", "lines", "totals", "write"]
