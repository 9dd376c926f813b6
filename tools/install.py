"""Make a virtual environment with the pinned requirements; if that fails, say in one sentence what to do.

    python3 tools/install.py .venv requirements.txt

`make` runs this with the Python that it finds, so it imports the standard library alone.
"""

import contextlib
import importlib.util
import platform
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

PIP = ("-m", "pip", "install", "--disable-pip-version-check", "--no-input", "--no-deps", "--require-hashes", "--requirement")
FULL_DISK = "the disk is full: free 1 GB for {folder} and for temporary files (TMPDIR names their folder)"
# Fewer free bytes after a failure mean that the disk is its cause: venv does not tell why it cannot install pip.
FEWEST_BYTES = 100_000_000
# What pip prints if something fails, and what to do. The first pattern that is found counts: a connection that fails leaves
# pip without any version, too.
CAUSES = {
    r"No space left on device|Disk quota exceeded": FULL_DISK,
    r"DO NOT MATCH THE HASHES.*?\n\s+(?P<package>\S+)": (
        "{package} that was downloaded is not the file that {requirements} expects: delete pip's cache"
        " (python3 -m pip cache purge), or choose another package index (PIP_INDEX_URL)"
    ),
    r"ConnectionError|ConnectTimeout|ReadTimeout|Read timed out|ProxyError|SSLError|name resolution|Retrying \(": (
        "the package index cannot be reached: check the network, and PIP_INDEX_URL or HTTPS_PROXY if your network needs them"
    ),
    r"No matching distribution found for (?P<package>\S+)": (
        "the package index has no {package} for Python {python} on {machine}: choose another index (PIP_INDEX_URL), or put"
        " another Python from 3.11 to 3.14 first in PATH"
    ),
    r"Failed to build|error: command .* failed|metadata-generation-failed": (
        "a package has no ready-made file for Python {python} on {machine} and cannot be built: put another Python from 3.11"
        " to 3.14 first in PATH"
    ),
    r"Permission denied|Read-only file system": "{folder} cannot be written: copy the project to a folder of your own",
}


def explain_failure(text: str, folder: str, requirements: str) -> str:
    """Return what to do after pip or venv failed with the printed `text`; their last line if the cause is not known."""
    facts = {"folder": folder, "requirements": requirements, "python": platform.python_version(), "machine": platform.machine()}
    for pattern, advice in CAUSES.items():
        if found := re.search(pattern, text, re.DOTALL):
            return advice.format(**facts, **found.groupdict())
    if shutil.disk_usage(Path(folder).parent).free < FEWEST_BYTES:
        return FULL_DISK.format(**facts)
    lines = text.strip().splitlines() or ["no message"]
    return lines[-1].removeprefix("ERROR: ").rstrip(".")


def run_quietly(command: Sequence[str]) -> str:
    """Run a command and return an empty text; what it printed if it fails."""
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace", check=False)
    return (done.stdout or "no message") if done.returncode else ""


def install(folder: str, requirements: str) -> str:
    """Make the environment at `folder`. Return an empty text; what the failed step printed if it fails."""
    return run_quietly([sys.executable, "-m", "venv", "--clear", folder]) or run_quietly(
        [str(Path(folder) / "bin" / "python"), *PIP, requirements]
    )


def main(folder: str, requirements: str) -> int:
    """Install, and return the exit code."""
    if not importlib.util.find_spec("ensurepip") or not importlib.util.find_spec("venv"):
        print("Python's venv module is missing: install it (Debian, Ubuntu: apt-get install python3-venv) and run make again.")
        return 1
    print(f"Installing the requirements into {folder} with Python {platform.python_version()} (about a minute) ...", flush=True)
    try:
        output = install(folder, requirements)
    except KeyboardInterrupt:
        print("Interrupted: run make again.")
        return 130
    if not output:
        return 0
    details = ""
    # A full or read-only disk takes no log either.
    with contextlib.suppress(OSError):
        (log := Path(folder) / "install.log").write_text(output, encoding="utf-8")
        details = f" Details: {log}."
    print(f"The set-up failed: {explain_failure(output, folder, requirements)}. Then run make again.{details}")
    return 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
