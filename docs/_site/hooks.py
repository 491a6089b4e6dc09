"""What the build of the site adds: the script that draws the diagrams, so that nothing comes from another host; and the version."""

import base64
import hashlib
import logging
import shutil
import subprocess
import tarfile
import tomllib
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

ROOT = Path(__file__).parents[2]
VENDOR = ROOT / "build" / "vendor"
MERMAID = "mermaid-11.17.2"
INTEGRITY = "sha512-V6K3C8EBdEsPFZXSKMJe6ppQOENxuHARr9GvHX4hh47lAbhMRD9qf4oEK7LoaRQxULMa80/qt5gHO73aCleBBg=="

log = logging.getLogger("mkdocs.hooks.rxdux")


def on_config(config: MkDocsConfig) -> None:
    """Name the version at the foot of each page."""
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    config.copyright = f"rxdux {version}"


def on_files(files: Files, config: MkDocsConfig) -> None:
    """Add Mermaid's script to the site."""
    script = VENDOR / f"{MERMAID}.min.js"
    if not script.exists() and not _fetch(script):
        return
    files.append(File.generated(config, "javascripts/mermaid.min.js", abs_src_path=str(script)))


def _fetch(script: Path) -> bool:
    """Fetch the script by npm, once; whether that went well."""
    npm = shutil.which("npm")
    if npm is None:
        log.warning("There is no npm to fetch %s with: the diagrams will be missing. Install Node.", MERMAID)
        return False
    VENDOR.mkdir(parents=True, exist_ok=True)
    package = MERMAID.replace("-", "@")
    done = subprocess.run([npm, "pack", package, "--silent"], cwd=VENDOR, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        log.warning("%s cannot be fetched: %s", package, done.stderr.strip())
        return False
    archive = VENDOR / f"{MERMAID}.tgz"
    found = base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
    if f"sha512-{found}" != INTEGRITY:
        archive.unlink()
        log.warning("%s is not what it was: sha512-%s came, and %s was expected.", package, found, INTEGRITY)
        return False
    with tarfile.open(archive) as opened:
        inner = opened.extractfile("package/dist/mermaid.min.js")
        script.write_bytes(inner.read() if inner else b"")
    archive.unlink()
    return True
