"""Connections: copies of replies, proxies, long bodies, redirects and certificates."""

import asyncio
import shutil
import ssl
import subprocess
import tracemalloc
import zlib

import pytest

from collide.errors import InputError
from collide.llm.transport.endpoint import Endpoint
from collide.llm.transport.errors import FatalError, RejectedError, TransientError, WrongAddress

from ...patience import REPLY_PATIENCE
from .asking import REQUEST, ask, ask_in_turn
from .fault_server import GOOD, SILENCE, FaultServer, content, good, head, http

pytestmark = pytest.mark.usefixtures("each_sender")
MEGABYTE = bytes(1_000_000)


def named(text, name):
    """A completion with this content and an id."""
    return good(id=name, choices=[{"message": {"content": text}, "finish_reason": "stop"}])


ONE, TWO, THREE = (named(text, f"chatcmpl-{text:0>20}") for text in ("1", "2", "3"))


def test_a_connection_is_used_again():
    assert ask_in_turn(3, ONE, TWO, THREE) == (["1", "2", "3"], 1)


@pytest.mark.parametrize("first", [ONE, content("1")])
def test_a_second_copy_of_a_reply_does_not_answer_the_next_request(first):
    assert ask_in_turn(2, [*first, 0.01, *first], TWO, pause=0.1) == (["1", "2"], 2)


def test_a_copy_that_arrives_during_the_next_request_shifts_no_reply():
    found, connections = ask_in_turn(3, ONE, [*ONE, 0.05, *TWO], THREE)
    assert [found[0], found[2], connections] == ["1", "3", 2]
    assert isinstance(found[1], TransientError)
    assert "copy of the reply to an earlier request" in str(found[1])


def test_a_cache_that_ignores_the_seed_is_told_and_stops_nothing():
    """Each request gets the same bytes. On the first connection, they may be a copy that came late."""

    async def session():
        async with FaultServer(ONE) as server:
            endpoint = Endpoint("test", server.url, {"timeout": REPLY_PATIENCE})
            first = await endpoint.complete(REQUEST)
            with pytest.raises(TransientError, match="copy of the reply to an earlier request"):
                await endpoint.complete(REQUEST)
            later = [await endpoint.complete(REQUEST) for _ in range(3)]
            await endpoint.close()
            return first, later

    first, later = asyncio.run(session())
    assert not first.repeated
    assert [(reply.text, reply.repeated) for reply in later] == [("1", True)] * 3


def test_equal_replies_without_an_id_are_not_taken_for_copies():
    assert ask_in_turn(2, named("4", "simulated"))[0] == ask_in_turn(2, content("4"))[0] == ["4", "4"]


def test_a_late_reply_does_not_answer_the_next_request():
    # On a busy machine the next requests may be late, too.
    found, _ = ask_in_turn(5, [SILENCE, *ONE], TWO, timeout=0.5)
    assert isinstance(found[0], TransientError)
    assert {text for text in found if isinstance(text, str)} == {"2"}


def test_a_proxy_that_the_environment_names_is_used_and_its_copies_answer_no_request(monkeypatch):
    async def session():
        async with FaultServer([*content("1"), 0.01, *content("1")], TWO) as proxy:
            monkeypatch.setenv("http_proxy", proxy.url)
            monkeypatch.setenv("no_proxy", "")
            endpoint = Endpoint("test", "http://example.invalid/v1", {"allow_plain_http": True, "timeout": REPLY_PATIENCE})
            found = []
            for _ in range(2):
                found.append((await endpoint.complete(REQUEST)).text)
                await asyncio.sleep(0.1)
            await endpoint.close()
            return found, proxy.requests[0][0]

    found, request = asyncio.run(session())
    assert found == ["1", "2"]
    assert request.startswith("POST http://example.invalid/v1/chat/completions")


def test_a_host_that_no_proxy_names_is_reached_without_the_proxy(monkeypatch):
    monkeypatch.setenv("http_proxy", "http://example.invalid:1")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    assert ask(ONE)[0].text == "1"


def packed():
    """A hundred megabytes in about a hundred kilobytes."""
    gzip = zlib.compressobj(1, wbits=31)
    return b"".join([*(gzip.compress(MEGABYTE) for _ in range(100)), gzip.flush()])


@pytest.mark.parametrize(("status", "error"), [(200, RejectedError), (500, TransientError)])
@pytest.mark.parametrize("is_packed", [False, True])
def test_a_body_of_a_hundred_megabytes_is_not_read_to_its_end(status, error, is_packed):
    reply = [head(status, 100_000_000), *[MEGABYTE] * 100]
    if is_packed:
        reply = http(status, packed(), "Content-Encoding: gzip")
    tracemalloc.start()
    try:
        with pytest.raises(error, match="more than 8000000 bytes" if status == 200 else "answered 500"):
            ask(reply)
        assert tracemalloc.get_traced_memory()[1] < 40_000_000
    finally:
        tracemalloc.stop()


def test_the_key_does_not_follow_a_redirect(monkeypatch):
    monkeypatch.setenv("COLLIDE_TEST_KEY", "sk-secret-1234567890")

    async def session():
        async with (
            FaultServer(good()) as other,
            FaultServer(http(307, {}, f"Location: {other.url}/chat?key=sk-secret-1234567890")) as server,
        ):
            endpoint = Endpoint("test", server.url, {"api_key_env": "COLLIDE_TEST_KEY", "timeout": REPLY_PATIENCE})
            with pytest.raises(WrongAddress, match=f"answered 307, a redirect to {other.url}/chat, which is not followed"):
                await endpoint.complete(REQUEST)
            await endpoint.close()
            return len(server.requests), other.connections

    assert asyncio.run(session()) == (1, 0)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A self-signed certificate for 127.0.0.1, and its key."""
    if not shutil.which("openssl"):
        pytest.skip("there is no openssl to make a certificate with")
    folder = tmp_path_factory.mktemp("certificate")
    paths = folder / "certificate.pem", folder / "key.pem"
    made = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=127.0.0.1"
    place = ["-addext", "subjectAltName=IP:127.0.0.1", "-out", paths[0], "-keyout", paths[1]]
    subprocess.run([*made.split(), *place], check=True, capture_output=True)
    return paths


@pytest.mark.parametrize("trusted", [False, True])
def test_a_certificate_that_does_not_verify_stops_the_run_and_nothing_is_sent(certificate, trusted, monkeypatch):
    if trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(*certificate)
    server = FaultServer(http(200, GOOD), certificate=context)
    if trusted:
        assert ask(server=server)[0].text == "4"
    else:
        with pytest.raises(FatalError, match="certificate that does not verify"):
            ask(server=server)
    assert len(server.requests) == trusted


@pytest.mark.parametrize("variable", ["SSL_CERT_FILE", "SSL_CERT_DIR"])
def test_certificates_that_do_not_exist_are_one_sentence(variable, monkeypatch, tmp_path):
    monkeypatch.setenv(variable, str(tmp_path / "absent.pem"))
    with pytest.raises(InputError, match=rf"{variable} names .*absent\.pem, which does not exist"):
        Endpoint("test", "https://example.org/v1", {})


def test_certificates_that_cannot_be_read_are_one_sentence(monkeypatch, tmp_path):
    (tmp_path / "empty.pem").touch()
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "empty.pem"))
    with pytest.raises(InputError, match="SSL_CERT_FILE or SSL_CERT_DIR names cannot be read"):
        Endpoint("test", "https://example.org/v1", {})


@pytest.mark.parametrize("variable", ["https_proxy", "all_proxy"])
def test_a_proxy_of_an_unsupported_kind_is_one_sentence_without_its_password(variable, monkeypatch):
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv(variable, "socks5://someone:hunter2@127.0.0.1:1080")
    with pytest.raises(InputError, match=r"names a socks5 proxy for example[.]org, but only http and https") as caught:
        Endpoint("test", "https://example.org/v1", {})
    assert "hunter2" not in str(caught.value) and "no_proxy=example.org" in str(caught.value)
    monkeypatch.setenv("no_proxy", "example.org")
    Endpoint("test", "https://example.org/v1", {})


def test_a_proxy_without_a_scheme_is_an_http_proxy(monkeypatch):
    async def session():
        async with FaultServer(content("1")) as proxy:
            monkeypatch.setenv("http_proxy", proxy.url.removeprefix("http://").removesuffix("/v1"))
            monkeypatch.setenv("no_proxy", "")
            endpoint = Endpoint("test", "http://example.invalid/v1", {"allow_plain_http": True, "timeout": REPLY_PATIENCE})
            found = await endpoint.complete(REQUEST)
            await endpoint.close()
            return found.text

    assert asyncio.run(session()) == "1"


def test_the_secrets_of_connections_are_written_to_no_file(monkeypatch, tmp_path):
    monkeypatch.setenv("SSLKEYLOGFILE", str(tmp_path / "absent" / "keys"))
    Endpoint("test", "https://example.org/v1", {})
    monkeypatch.setenv("SSLKEYLOGFILE", str(tmp_path / "keys"))
    Endpoint("test", "https://example.org/v1", {})
    assert not (tmp_path / "keys").exists()


def test_a_netrc_file_adds_no_header(monkeypatch, tmp_path):
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login someone password hunter2\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    _, server = ask(good())
    assert "authorization" not in server.requests[0][0].lower()
