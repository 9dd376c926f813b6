"""Download of a corpus from a URL that names a revision, so that the same URL always gives the same bytes."""

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

# A Git commit id anywhere in the path, not as part of a longer run of digits such as a checksum.
COMMIT = re.compile(r"(?<![0-9a-f])[0-9a-f]{40}(?![0-9a-f])")
CHECKSUM = re.compile(r"sha256=([0-9a-f]{64})")
# HTTP status codes worth another try: timeouts, rate limits and errors of an overloaded server.
TRANSIENT_STATUS = {408, 425, 429, 500, 502, 503, 504}


def check_revision(url: str) -> str | None:
    """Return the sha256 in the URL's fragment, or None if a commit in the path fixes the content.

    Raises InputError for a URL with neither, and for text that is not a URL.
    """
    if not re.fullmatch("[!-~]+", url):
        raise InputError(
            f"corpus: the URL {url!r} contains a space or a non-ASCII character; percent-encode it (a space is %20)"
        )
    try:
        parts = urllib.parse.urlsplit(url)
    except ValueError as error:
        raise InputError(f"corpus: {url} is not a valid URL ({error})") from None
    if parts.fragment:
        if match := CHECKSUM.fullmatch(parts.fragment):
            return match[1]
        raise InputError(
            f"corpus: the URL {url} ends with #{parts.fragment}; expected #sha256= and 64 lower-case hexadecimal digits"
        )
    if COMMIT.search(parts.path):
        return None
    raise InputError(
        f"corpus: the URL {url} names no revision, so its content may change; use a URL with a commit (40 hexadecimal digits)"
        " in its path, or append #sha256=<64 hexadecimal digits>"
    )


def download_file(url: str, path: Path, timeout: float = 60.0, waits: tuple[float, ...] = (1, 4, 15)) -> str:
    """Download `url` to `path` and return the content's sha256. `path` is created only when the download is complete.

    `timeout` limits each network operation and `waits` are the pauses before each further try, both in seconds.
    Raises InputError for a URL without a revision, an unreachable server, an error response, or a wrong checksum.
    """
    expected = check_revision(url)
    content = _fetch_content(urllib.parse.urldefrag(url).url, timeout, waits)
    found = hashlib.sha256(content).hexdigest()
    if expected and found != expected:
        raise InputError(
            f"corpus: {url} has {len(content):,} bytes with sha256 {found}; expected {expected}: the file has changed or the"
            " download is incomplete, check the URL and the checksum"
        )
    part = path.with_name(path.name + ".part")
    part.write_bytes(content)
    part.replace(path)
    return found


def _fetch_content(url: str, timeout: float, waits: tuple[float, ...]) -> bytes:
    for wait in (*waits, None):
        try:
            # The scheme is http or https: the configuration takes any other value of `corpus` for a path.
            with urllib.request.urlopen(url, timeout=timeout) as response:
                return response.read()
        except urllib.error.HTTPError as error:
            reason, transient = f"the server answered {error.code} {error.reason}", error.code in TRANSIENT_STATUS
            # The error is also the response and holds the connection.
            error.close()
        except urllib.error.URLError as error:
            reason, transient = str(error.reason), True
        except (OSError, http.client.HTTPException) as error:
            reason, transient = f"{type(error).__name__}: {error}", True
        if wait is None or not transient:
            break
        print(f"{url}: {reason}; next try in {wait:g} s", flush=True)
        time.sleep(wait)
    raise InputError(
        f"corpus: cannot download {url}: {reason}; check the URL and the network, or use a local copy (--config corpus=FILE)"
    )
