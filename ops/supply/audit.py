"""Known vulnerabilities of everything that is locked: `make audit` asks OSV <https://osv.dev>.

One question for all packages of PyPI, Maven and npm: pip-audit would ask for the first alone. Exits with 1 where
there is one that isn't in `ACCEPTED`; where the service can't be reached, it says so and exits with 0.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

import httpx
import msgspec

from ops.supply.components import Component, components

SERVICE = "https://api.osv.dev"

#: Packages asked for at once, as many as OSV takes; and seconds that an answer may take.
AT_ONCE, PATIENCE_S = 1_000, 8.0

#: Vulnerabilities that are known and do no harm here, by OSV's id, each with the reason.
ACCEPTED: dict[str, str] = {}


class NotReachableError(Exception):
    """The service gave no answer, or none that can be read."""


class _Vulnerability(msgspec.Struct):
    id: str


class _Result(msgspec.Struct):
    vulns: list[_Vulnerability] = []


class _Answer(msgspec.Struct):
    results: list[_Result]


def known(parts: Sequence[Component], service: str = SERVICE) -> dict[Component, tuple[str, ...]]:
    """The ids of the vulnerabilities of each package that has any.

    Raises:
        NotReachableError: the service did not say.
    """
    found: dict[Component, tuple[str, ...]] = {}
    with httpx.Client(base_url=service, timeout=PATIENCE_S) as client:
        for at in range(0, len(parts), AT_ONCE):
            some = parts[at : at + AT_ONCE]
            queries = [
                {"package": {"ecosystem": one.ecosystem, "name": one.name}, "version": one.version} for one in some
            ]
            try:
                answer = client.post("/v1/querybatch", json={"queries": queries}).raise_for_status()
                results = msgspec.json.decode(answer.content, type=_Answer).results
            except (httpx.HTTPError, msgspec.MsgspecError) as error:
                raise NotReachableError(f"{service}: {error or type(error).__name__}") from error
            if len(results) != len(some):
                raise NotReachableError(f"{service} answered {len(results)} of {len(some)} questions")
            for one, result in zip(some, results, strict=True):
                if result.vulns:
                    found[one] = tuple(sorted(vulnerability.id for vulnerability in result.vulns))
    return found


def audit(service: str = SERVICE) -> int:
    """Print what is known; the exit code."""
    parts = components()
    try:
        found = known(parts, service)
    except NotReachableError as error:
        print(f"audit: not reachable, nothing was looked up ({error})")
        return 0
    bad = 0
    for one, ids in found.items():
        for name in ids:
            bad += name not in ACCEPTED
            print(f"{one.name} {one.version}: {name} {ACCEPTED.get(name, 'https://osv.dev/' + name)}")
    print(f"audit: {len(parts)} packages, {bad} with a known vulnerability that is not accepted")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(audit(*sys.argv[1:]))
