"""Fetching a corpus from a URL that names a revision, so that the same URL gives the same bytes."""

from __future__ import annotations

import hashlib
import http.client
import re
import time
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

from collide.errors import InputError

COMMIT = re.compile(r"(?<![0-9a-f])[0-9a-f]{40}(?![0-9a-f])")
CHECKSUM = re.compile(r"sha256=([0-9a-f]{64})")
PASSING = {408, 425, 429, 500, 502, 503, 504}


def check_revision(url: str) -> str | None:
    """The sha256 that the URL's fragment demands, or None where a commit in the URL fixes the content.

    Raises InputError for a URL with neither, and for what is no URL.
    """
    if not re.fullmatch("[!-~]+", url):
        raise InputError(f"corpus: the URL {url!r} holds a space or a letter beyond ASCII; expected %20 and the like instead")
    try:
        parts = urllib.parse.urlsplit(url)
    except ValueError as error:
        raise InputError(f"corpus: {url} is no URL ({error}); check it") from None
    if parts.fragment:
        if match := CHECKSUM.fullmatch(parts.fragment):
            return match[1]
        raise InputError(
            f"corpus: the URL {url} ends in #{parts.fragment}; expected #sha256= and 64 lower-case hexadecimal digits"
        )
    if COMMIT.search(parts.path):
        return None
    raise InputError(
        f"corpus: the URL {url} names no revision, so what it gives may change from day to day; name a commit of"
        " 40 hexadecimal digits in its path or append #sha256=<64 hexadecimal digits>"
    )


def download(url: str, path: Path, timeout: float = 60.0, waits: tuple[float, ...] = (1, 4, 15)) -> str:
    """Fetch `url` to `path` and return the sha256 of what came. `path` appears only when all of it is there.

    `waits` are the pauses in seconds before each further try; `timeout` is that of one network operation, in seconds.
    Raises InputError for a URL without a revision, an unreachable server, a refusal, or another checksum than asked.
    """
    demanded = check_revision(url)
    content = _fetch(urllib.parse.urldefrag(url).url, timeout, waits)
    found = hashlib.sha256(content).hexdigest()
    if demanded and found != demanded:
        raise InputError(
            f"corpus: {url} gave {len(content):,} bytes with sha256 {found}; expected {demanded}: the file has changed"
            " or was not sent whole, check the URL and the checksum"
        )
    part = path.with_name(path.name + ".part")
    part.write_bytes(content)
    part.replace(path)
    return found


def _fetch(url: str, timeout: float, waits: tuple[float, ...]) -> bytes:
    for wait in (*waits, None):
        try:
            # The scheme is http or https: the configuration takes everything else for a path.
            with urllib.request.urlopen(url, timeout=timeout) as response:
                return response.read()
        except urllib.error.HTTPError as error:
            reason, passing = f"the server answered {error.code} {error.reason}", error.code in PASSING
            error.close()
        except urllib.error.URLError as error:
            reason, passing = str(error.reason), True
        except (OSError, http.client.HTTPException) as error:
            reason, passing = f"{type(error).__name__}: {error}", True
        if wait is None or not passing:
            break
        print(f"{url}: {reason}; next try in {wait:g} s", flush=True)
        time.sleep(wait)
    raise InputError(
        f"corpus: {url} could not be fetched: {reason}; check the URL and the network, or give the path of a copy"
        " (--config corpus=FILE)"
    )
