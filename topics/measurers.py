"""The catalogue of measurers: who measures the internet, under which names and addresses. A new one is a row here.

Who repeats a measurement adds nothing to it, so claims that cite a measurer have the lineage of its measurements.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Measurer:
    """Somebody who measures.

    Args:
        lineage: of its measurements on `evidence`, and of claims that only repeat them.
        name: as people call it.
        names: what else texts call it; case, accents and punctuation make no difference.
        addresses: hosts and accounts where it publishes: `ioda.live`, `twitter.com/netblocks`.
    """

    lineage: str
    name: str
    names: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()


MEASURERS: tuple[Measurer, ...] = (
    Measurer(
        "ioda",
        "IODA",
        (
            "Internet Outage Detection and Analysis",
            "Internet Outage Detection and Analysis (IODA)",
            "CAIDA",
        ),
        (
            "ioda.caida.org",
            "ioda.live",
            "ioda.inetintel.cc.gatech.edu",
            "twitter.com/gatech_ioda",
            "twitter.com/caida_ioda",
        ),
    ),
    Measurer("google", "Google", ("Google Transparency Report",)),
    Measurer("mozilla", "Mozilla"),
    Measurer(
        "cloudflare-radar",
        "Cloudflare Radar",
        ("Cloudflare",),
        ("radar.cloudflare.com", "twitter.com/cloudflareradar"),
    ),
    Measurer("ooni", "OONI", ("Open Observatory of Network Interference",), ("explorer.ooni.org",)),
    Measurer("netblocks", "NetBlocks", addresses=("netblocks.org", "twitter.com/netblocks")),
    Measurer("ripestat", "RIPEstat", ("RIPE",)),
    Measurer("ripe-atlas", "RIPE Atlas", addresses=("atlas.ripe.net",)),
    Measurer("ihr", "Internet Health Report", ("IHR",), ("ihr.iijlab.net", "ihr.live")),
    Measurer("monash", "Monash IP Observatory"),
)
