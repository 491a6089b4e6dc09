"""Prints DEPENDENCIES.md: what rxdux brings along, with each of its extras for users, and under which licence.

It reads the metadata of what is installed beside the Python that runs it: `pip install '.[test]'` first.
"""

from importlib.metadata import Distribution, distribution

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

FOR_USERS = ("", "keyring", "shared", "redis", "nats", "oauth", "qrcode", "textual", "demo")
LONGEST = 40  # letters of a licence's name; what is longer is its text

HEAD = """# What rxdux brings along

Each package that `pip install rxdux` fetches, then what its extras add, and its licence as its metadata say. Made on Linux with
`python .ci/licences.py > DEPENDENCIES.md`; a test keeps it complete.
"""


def licence_of(found: Distribution) -> str:
    """The licence in the metadata: by its identifier, by its name, or by the classifiers."""
    said = (found.metadata.get("License-Expression") or found.metadata.get("License") or "").strip()
    if said and len(said) <= LONGEST:
        return said
    classifiers: list[str] = found.metadata.get_all("Classifier") or []
    licences = [line.rsplit(" :: ", 1)[-1] for line in classifiers if line.startswith("License :: ")]
    return ", ".join(licences) or "not said"


def gather(package: str, extras: frozenset[str], into: dict[str, Distribution], seen: set[tuple[str, str]]) -> None:
    """What a package needs here, with what that needs."""
    found = distribution(package)
    for line in found.requires or []:
        requirement = Requirement(line)
        for extra in extras:
            if requirement.marker is not None and not requirement.marker.evaluate({"extra": extra}):
                continue
            name = canonicalize_name(requirement.name)
            if (name, extra) not in seen:
                seen.add((name, extra))
                if name != "rxdux":
                    into.setdefault(name, distribution(name))
                gather(name, frozenset({"", *requirement.extras}), into, seen)


def main() -> None:
    listed: set[str] = set()
    print(HEAD)
    for extra in FOR_USERS:
        needed: dict[str, Distribution] = {}
        gather("rxdux", frozenset({"", extra}), needed, set())
        added = sorted(needed.keys() - listed)
        if not added:
            continue
        listed.update(added)
        print(f"## {f'With the extra `{extra}`' if extra else 'Always'}\n\n| package | licence |\n|---|---|")
        print("\n".join(f"| {name} | {licence_of(needed[name])} |" for name in added), end="\n\n")


if __name__ == "__main__":
    main()
