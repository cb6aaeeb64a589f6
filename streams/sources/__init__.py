"""Sources: what others publish, read into records of the raw topics and of `evidence`. One module a source.

`streams.sources.catalogue` knows them all. A reader is `read(path) -> Iterator[Row]`: every row of the list comes
out, as `Accepted` with its record and flags, or as `Rejected` with the reason. A file that can't be read at all
is a `SourceError`.
"""

from streams.sources.files import SourceError
from streams.sources.rows import Accepted, Rejected, Row

__all__ = ["Accepted", "Rejected", "Row", "SourceError"]
