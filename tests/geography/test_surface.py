"""The public surface of `streams.geography`, and what importing it costs."""

from __future__ import annotations

import subprocess
import sys

from streams import geography

SURFACE = {
    "Area",
    "Found",
    "GeographyError",
    "Location",
    "Reading",
    "Relation",
    "codes_of",
    "contains",
    "country_code",
    "country_place",
    "day_span",
    "distance_km",
    "entity_place",
    "find_all",
    "find_place",
    "find_places",
    "local_day",
    "locate",
    "locate_points",
    "outline",
    "population",
    "read_area",
    "read_moment",
    "region_by_code",
    "region_place",
    "relation",
    "same_extent",
    "share",
    "time_zones",
    "touches",
    "within_km",
    "zone",
}


def test_surface() -> None:
    assert set(geography.__all__) == SURFACE
    assert len(geography.__all__) == len(SURFACE)
    for name in SURFACE:
        assert getattr(geography, name) is not None


def test_a_name_that_is_not_there() -> None:
    assert not hasattr(geography, "nowhere")


def test_importing_reads_nothing() -> None:
    code = (
        "import sys; from streams import geography; geography.__all__;"
        "heavy = {'numpy', 'shapely', 'pyproj'} & set(sys.modules);"
        "print(sorted(heavy), 'streams.geography.tables' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[] False"
