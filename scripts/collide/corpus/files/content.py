"""Content of a data set's files: bytes that are read, decompressed and decoded by what they are, not by their names."""

from __future__ import annotations

import gzip
import zlib
from pathlib import Path

import pyarrow as pa

from collide.errors import InputError

GZIP, ZSTD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"
# First bytes of compressed files that may hold several files, or that the standard readers of tables do not take.
UNREADABLE = {
    b"PK\x03\x04": "a zip archive or an Excel file",
    b"BZh": "compressed by bzip2",
    b"\xfd7zXZ\x00": "compressed by xz",
}
# utf-8-sig and utf-16 are the codecs that take the byte order mark away.
ENCODINGS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}


def read_bytes(path: Path) -> bytes:
    """Return the content of a file. Raises InputError if it does not exist, cannot be read, or is empty."""
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise InputError(
            f"corpus: the file {path} does not exist; set `file` of the data set to a path, to a URL that names a revision, or"
            " for summeval to `embedded`"
        ) from None
    except OSError as error:
        raise InputError(f"corpus: cannot read {path}: {error.strerror}; expected a file of records") from None
    if not content:
        raise InputError(f"{path}: the file is empty; expected records")
    return content


def decompress(content: bytes, name: str) -> tuple[bytes, str]:
    """Return the content as it was before gzip or zstd, and the name of the compression ("" for none).

    `name` stands for the file in error messages. Raises InputError for a damaged file and for another compression.
    """
    if kind := next((kind for start, kind in UNREADABLE.items() if content.startswith(start)), None):
        raise InputError(f"{name}: the file is {kind}; unpack it, or export it as CSV, and name the file inside")
    try:
        if content.startswith(GZIP):
            return gzip.decompress(content), "gzip"
        if content.startswith(ZSTD):
            return pa.CompressedInputStream(pa.BufferReader(content), "zstd").read(), "zstd"
    except (OSError, EOFError, zlib.error) as error:
        raise InputError(f"{name}: damaged compressed file ({error}); download it again") from None
    return content, ""


def decode_text(content: bytes, name: str) -> str:
    """Return the text of a file in UTF-8, or in UTF-16 with a byte order mark. Raises InputError for any other content."""
    encoding = next((codec for mark, codec in ENCODINGS.items() if content.startswith(mark)), "utf-8")
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        known = "UTF-16" if encoding == "utf-16" else "UTF-8"
        raise InputError(
            f"{name}, line {line}: byte {error.start:,} (0x{content[error.start]:02x}) is not valid {known}; save the file as"
            " UTF-8, for example with iconv -f windows-1252 -t utf-8"
        ) from None
    # ASCII in UTF-16 is valid UTF-8, with a zero byte beside each letter.
    if "\0" in text[:1000]:
        raise InputError(
            f"{name}: the file has zero bytes, so it is no text, or UTF-16 without a byte order mark; save it as UTF-8"
        )
    return text
