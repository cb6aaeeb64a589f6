"""The bill of materials in CycloneDX 1.6 (JSON): `make sbom` writes sbom.json.

Written by hand: it is one JSON document, and the tools that write it know one ecosystem of our three.
"""

from __future__ import annotations

import json
import sys
import tomllib
import uuid
from pathlib import Path
from typing import Any

from ops.supply.components import ROOT, Component, components


def document() -> dict[str, Any]:
    """The bill. The same locks give the same bill: its serial number is made from its content."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    parts = components()
    this = f"pkg:pypi/{project['name']}@{project['version']}"
    serial = uuid.uuid5(uuid.NAMESPACE_URL, this + repr(parts))
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{serial}",
        "version": 1,
        "metadata": {
            "component": {
                "type": "application",
                "bom-ref": this,
                "name": project["name"],
                "version": project["version"],
                "licenses": [{"license": {"id": project["license"]}}],
                "purl": this,
            }
        },
        "components": [_told(one) for one in parts],
        "dependencies": [{"ref": this, "dependsOn": [one.purl for one in parts]}],
    }


def _told(one: Component) -> dict[str, Any]:
    group, _, name = one.name.rpartition(":")
    told: dict[str, Any] = {"type": "library", "bom-ref": one.purl, "name": name, "version": one.version}
    if group:
        told["group"] = group
    told["scope"] = "required" if one.shipped else "excluded"
    # Of a distribution the lock has a hash for each of its files: any of them may be the one installed.
    if len(one.hashes) == 1:
        told["hashes"] = [{"alg": algorithm, "content": content} for algorithm, content in one.hashes]
    elif one.hashes:
        told["properties"] = [{"name": "requirements.lock:sha256", "value": content} for _, content in one.hashes]
    if one.licence:
        told["licenses"] = [{"license": {"name": one.licence}}]
    return {**told, "purl": one.purl}


def main() -> None:
    out = Path(sys.argv[1])
    bill = document()
    out.write_text(json.dumps(bill, indent=1) + "\n", encoding="utf-8")
    print(f"{out}: {len(bill['components'])} components")


if __name__ == "__main__":
    main()
