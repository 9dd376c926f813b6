"""Download of a corpus: only from URLs with a revision, complete or not at all, and one sentence per failure."""

from __future__ import annotations

import hashlib
import socket
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
import yaml

from collide.corpus.download import check_revision, download_file
from collide.errors import InputError
from collide.experiment.config import check_config

CONFIG = yaml.safe_load((Path(__file__).parents[2] / "config.yaml").read_text(encoding="utf-8"))
COMMIT = "0123456789abcdef0123456789abcdef01234567"
CONTENT = b'{"id": "doc1"}\n' * 100
CHECKSUM = hashlib.sha256(CONTENT).hexdigest()


class Handler(BaseHTTPRequestHandler):
    """Answers by the last part of the path and counts requests in `calls`."""

    calls: Counter[str]

    def do_GET(self):
        name = self.path.rsplit("/", 1)[-1]
        self.calls[name] += 1
        if name == "gone":
            self.send_error(404)
        elif name == "overloaded" or (name == "recovering" and self.calls[name] < 3):
            self.send_error(503)
        else:
            self.send_response(200)
            self.send_header("Content-Length", str(len(CONTENT) + (name == "cut")))
            self.end_headers()
            self.wfile.write(CONTENT)

    def log_message(self, *_):
        pass


@pytest.fixture
def server(monkeypatch):
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    handler = type("CountingHandler", (Handler,), {"calls": Counter()})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as httpd:
        thread = Thread(target=httpd.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{httpd.server_port}/{COMMIT}", handler.calls
        httpd.shutdown()
        thread.join()


def test_a_download_has_the_servers_content(server, tmp_path):
    url, calls = server
    assert download_file(f"{url}/file#sha256={CHECKSUM}", tmp_path / "raw") == CHECKSUM
    assert (tmp_path / "raw").read_bytes() == CONTENT
    assert [path.name for path in tmp_path.iterdir()] == ["raw"]
    assert calls == {"file": 1}


def test_a_transient_failure_is_retried(server, tmp_path):
    url, calls = server
    assert download_file(f"{url}/recovering", tmp_path / "raw", waits=(0, 0)) == CHECKSUM
    assert calls == {"recovering": 3}


@pytest.mark.parametrize(
    ("name", "message", "tries"),
    [
        ("gone", "the server answered 404", 1),
        ("overloaded", "the server answered 503", 3),
        ("cut", "IncompleteRead", 3),
    ],
)
def test_a_failure_is_reported_and_leaves_no_file(server, tmp_path, name, message, tries):
    url, calls = server
    with pytest.raises(InputError, match=message) as error:
        download_file(f"{url}/{name}", tmp_path / "raw", waits=(0, 0))
    assert "--config corpus=FILE" in str(error.value)
    assert calls == {name: tries}
    assert not list(tmp_path.iterdir())


def test_a_wrong_checksum_is_refused(server, tmp_path):
    url, _ = server
    with pytest.raises(InputError, match=rf"sha256 {CHECKSUM}; expected {'0' * 64}"):
        download_file(f"{url}/file#sha256={'0' * 64}", tmp_path / "raw")
    assert not list(tmp_path.iterdir())


def test_an_unreachable_server_is_reported(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound but not listening, so that connections are refused
        url = f"http://127.0.0.1:{taken.getsockname()[1]}/{COMMIT}/file"
        with pytest.raises(InputError, match=r"cannot download .*refused"):
            download_file(url, tmp_path / "raw", timeout=5, waits=())


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("https://example.org/main/file.parquet", "names no revision"),
        (f"https://example.org/file?commit={COMMIT}", "names no revision"),
        (f"https://example.org/{COMMIT}0/file.parquet", "names no revision"),
        ("https://example.org/file.parquet#sha256=123", "expected #sha256="),
        (f"https://example.org/{COMMIT}/file#md5=1", "expected #sha256="),
        (f"https://example.org/{COMMIT}/a file", "contains a space"),
        (f"https://example.org/{COMMIT}/fil\u00e9", "contains a space or a non-ASCII character"),
        (f"https://[example.org/{COMMIT}/file", "is not a valid URL"),
    ],
)
def test_a_url_without_a_revision_is_refused_by_the_configuration(url, message):
    with pytest.raises(InputError, match=message):
        check_revision(url)
    with pytest.raises(InputError, match=message):
        check_config(CONFIG | {"corpus": url})


def test_a_commit_or_a_checksum_is_a_revision():
    assert check_revision(f"https://example.org/{COMMIT}/file.parquet") is None
    assert check_revision(f"https://example.org/file#sha256={CHECKSUM}") == CHECKSUM
