"""Traditional Chinese characters with their simplified forms: `python -m streams.geography.build.letters FILE`.

FILE is OpenCC's `TSCharacters.txt` (Apache License 2.0; in `opencc-python-reimplemented` 0.1.7). Writes `han.txt`:
a line of traditional characters and a line of the simplified one of each. Run it before building the tables: names
are folded with it.
"""

from __future__ import annotations

import argparse
from pathlib import Path

OUT = Path(__file__).parent.parent / "han.txt"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m streams.geography.build.letters", description=__doc__)
    parser.add_argument("file", type=Path, help="OpenCC's TSCharacters.txt")
    pairs = []
    for line in parser.parse_args().file.read_text(encoding="utf-8").splitlines():
        traditional, simplified = line.split("\t")
        simple = simplified.split(" ")[0]
        # Names are written with characters of the basic plane; the rest would only make the table longer.
        if max(traditional, simple) < "\U00010000" and traditional != simple:
            pairs.append((traditional, simple))
    OUT.write_text("".join(a for a, _ in pairs) + "\n" + "".join(b for _, b in pairs) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
