"""Where everything of the package lies: as files, as modules, and laid out as it is installed."""

import shutil
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
FOLDERS: dict[str, Path] = {
    package: ROOT / folder for package, folder in PROJECT["tool"]["setuptools"]["package-dir"].items()
}
"""Each top-level folder with the package that it becomes."""

MODULES: dict[str, Path] = {
    ".".join([package, *(part for part in file.relative_to(folder).with_suffix("").parts if part != "__init__")]): file
    for package, folder in FOLDERS.items()
    for file in sorted(folder.rglob("*.py"))
}
"""Each module with its file."""


def installed_at(file: Path) -> Path:
    """Where a file of the package lies below site-packages."""
    package, folder = next((package, folder) for package, folder in FOLDERS.items() if file.is_relative_to(folder))
    return Path(*package.split("."), file.relative_to(folder))


def lay_out(target: Path) -> None:
    """Copy the package as it would be installed."""
    for file in MODULES.values():
        place = target / installed_at(file)
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(file, place)
