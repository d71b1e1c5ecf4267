r"""Lines of CSV that end in LF and quote every CR.

csv.writer with "\n" as its line end leaves a lone CR unquoted, and no reader gives it back; with
"\r\n" it quotes both, and the end is put right afterwards.
"""

import csv


class Lines:
    """CSV lines that wait to be written."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._csv = csv.writer(self, lineterminator="\r\n")
        self.size = 0  #: characters that wait

    def add(self, cells: list[str]) -> None:
        """Append one line."""
        self._csv.writerow(cells)

    def write(self, line: str) -> None:
        """What csv.writer calls with each finished line."""
        self._lines.append(line[:-2] + "\n")
        self.size += len(line)

    def taken(self) -> bytes:
        """The lines so far, as UTF-8; none wait afterwards."""
        data = "".join(self._lines).encode("utf-8")
        self._lines.clear()
        self.size = 0
        return data
