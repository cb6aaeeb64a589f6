"""How much of what comes from outside is read: sizes, counts, ratios, and what happens above them.

docs/THREATS.md lists them all, with those of records (`topics`) and of the API (`streams.api.guard`).
"""

from __future__ import annotations

#: A packed file unpacks to no more than this, and to no more than so many times its own size, once it has unpacked
#: to `FREE_BYTES`: the lists of this world come to 30 times, a bomb to a thousand times.
UNPACKED_BYTES = 50_000_000_000
UNPACKED_RATIO, FREE_BYTES = 200, 64_000_000

#: A JSON document that is read at once, and a feed.
DOCUMENT_BYTES = 256_000_000
FEED_BYTES = 20_000_000

#: Items of a feed that are read, in its order: feeds list the newest first. As many are remembered between polls.
FEED_ITEMS = 2_000

#: A line of a file of lines: the largest record of any topic, in base64, fits.
LINE_BYTES = 16_000_000

#: A row of a CSV file, with all its cells.
ROW_CHARS = 16_000_000

#: A workbook (XLSX is a zip of XML): unpacked, as many files in it, rows (as spreadsheets have them) and columns.
WORKBOOK_BYTES, WORKBOOK_FILES = 500_000_000, 1_000
WORKBOOK_ROWS, WORKBOOK_COLUMNS = 1_048_576, 1_000

#: What a service answers, unpacked, and for how long it may take.
ANSWER_BYTES = 100_000_000
ANSWER_S = 600.0

#: A file of settings, rules or words of ours.
OWN_FILE_BYTES = 1_000_000

#: Text with markup that is looked at for its words: what is reported stands at the beginning.
MARKUP_CHARS = 100_000
