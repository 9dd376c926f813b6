import asyncio
import dataclasses
import errno
import io
import os

import pytest

from collide.common.locks import file_lock
from collide.errors import InputError
from collide.llm import journal as journal_module
from collide.llm.journal import Journal, read_used_keys
from collide.llm.journal_lines import read_records
from collide.llm.request import CallOrigin, Reply, Request
from tests.full_disk import largest_file

from ..patience import limit_work
from ..virtual_time import run_in_virtual_time

A, B, C, D = (letter * 32 for letter in "abcd")
REPLY = Reply('{"fluency": 4} ä \ud800', "model/a", "stop", 1000, 9)


def record(journal, key, reply=REPLY):
    journal.append(key, reply, "task", CallOrigin(3, "d/M0", ("fluency",)), 1)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "runs" / "optimize.journal"


def test_a_reopened_journal_returns_the_recorded_replies(path):
    with Journal(path) as journal:
        record(journal, A)
        record(journal, B, "context too long")
    with Journal(path) as journal:
        assert (journal.get(A), journal.get(B), journal.get(C)) == (REPLY, "context too long", None)


def test_a_line_holds_the_further_fields_of_a_reply_only_where_they_are_known(path):
    told = dataclasses.replace(
        REPLY, provider="p", tokens_cached=0, cost=0.5, seconds=1.25, retries=2, batched=True, pause_seconds=9.0
    )
    with Journal(path) as journal:
        record(journal, A, REPLY)
        record(journal, B, told)
    plain, full = read_records(path)
    assert plain.keys() == {"key", "reply", "role", "step", "pair", "criteria", "attempt"}
    assert {name: full[name] for name in full.keys() - plain.keys()} == {
        "provider": "p", "tokens_cached": 0, "cost": 0.5, "seconds": 1.25, "retries": 2, "batched": True
    }  # fmt: skip
    with Journal(path) as journal:
        assert (journal.get(A), journal.get(B)) == (REPLY, dataclasses.replace(told, pause_seconds=0.0))


def test_the_line_of_a_simulated_reply_stays_as_it_is(path):
    with Journal(path) as journal:
        record(journal, A, Reply("4", "simulated/small", "stop", 10, 1))
    assert path.read_text() == (
        '4ecf7c57 {"key":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa","reply":["4","simulated/small","stop",10,1],'
        '"role":"task","step":3,"pair":"d/M0","criteria":["fluency"],"attempt":1}\n'
    )


def test_a_crash_at_any_byte_loses_only_the_incomplete_reply(path):
    with Journal(path) as journal:
        record(journal, A)
        record(journal, B)
    whole = path.read_bytes()
    last = whole.index(b"\n") + 1
    for cut in range(last, len(whole)):
        path.write_bytes(whole[:cut])
        log = io.StringIO()
        with Journal(path, log=log) as journal:
            assert (journal.get(A), journal.get(B)) == (REPLY, None)
            record(journal, C)
        assert ("removed an incomplete reply" in log.getvalue()) == (cut > last)
        with Journal(path) as journal:
            assert (journal.get(A), journal.get(C), len(journal)) == (REPLY, REPLY, 2)


def test_a_damaged_line_in_the_middle_is_refused_with_its_number_and_a_remedy(path):
    with Journal(path) as journal:
        for key in (A, B, C):
            record(journal, key)
    data = bytearray(path.read_bytes())
    data[data.index(b"\n") + 20] ^= 1
    path.write_bytes(data)
    with pytest.raises(InputError, match=r"optimize\.journal, line 2: the checksum does not match.*restore the file"):
        Journal(path)
    assert path.read_bytes() == data


def test_a_second_process_on_the_same_journal_is_refused(path):
    with Journal(path), pytest.raises(InputError, match="another process is writing this journal"):
        Journal(path)


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO])
def test_a_full_or_broken_disk_stops_the_job_with_one_sentence_and_keeps_earlier_replies(path, monkeypatch, number):
    def full(file, line):
        raise OSError(number, os.strerror(number))

    with pytest.raises(InputError, match=rf"cannot write to .*{os.strerror(number)}.* rerun"), Journal(path) as journal:
        record(journal, A)
        monkeypatch.setattr(os, "write", full)
        record(journal, B)
    assert journal.get(B) is None
    monkeypatch.undo()
    with Journal(path) as journal:
        assert journal.get(A) == REPLY


def test_a_half_written_reply_is_removed_and_nothing_follows_it_when_there_is_room_again(path):
    with pytest.raises(InputError, match="cannot write to"), Journal(path) as journal:
        record(journal, A)
        whole = path.read_bytes()
        with largest_file(len(whole) + 30), pytest.raises(InputError, match="30 of"):
            record(journal, B)
        assert path.read_bytes() == whole
        record(journal, C)
    assert path.read_bytes() == whole
    with Journal(path) as journal:
        record(journal, C)
    with Journal(path) as journal:
        assert (journal.get(A), journal.get(C), len(journal)) == (REPLY, REPLY, 2)


@pytest.fixture
def forced(monkeypatch):
    """Return a function: the sizes of a file at each time when it was forced to the disk."""
    seen = []
    monkeypatch.setattr(os, "fsync", lambda file: seen.append(os.fstat(file)))
    monkeypatch.setattr(journal_module, "SYNC_SECONDS", 0.02)
    return lambda path: [found.st_size for found in seen if os.path.samestat(found, path.stat())]


def test_the_last_paid_reply_before_a_pause_is_forced_to_the_disk(path, forced):
    async def quiet():
        with Journal(path, sync=True) as journal:
            for key in (A, B, C):
                record(journal, key)
            await asyncio.sleep(0.1)
            assert forced(path) == [three := path.stat().st_size]
            record(journal, D)
        await asyncio.sleep(0.1)
        assert forced(path) == [three, path.stat().st_size]

    run_in_virtual_time(quiet())


def test_without_a_loop_paid_replies_are_forced_at_the_end_and_unpaid_never(path, forced, tmp_path):
    for sync in (True, False):
        with Journal(tmp_path / str(sync), sync=sync) as journal:
            record(journal, A)
    assert forced(tmp_path / "True") == [(tmp_path / "True").stat().st_size]
    assert forced(tmp_path / "False") == []


def test_the_names_of_a_new_journal_and_of_its_folders_are_forced_to_the_disk(path, forced, tmp_path):
    with Journal(path, sync=True):
        assert len(forced(path.parent)) == len(forced(tmp_path)) == 1


def test_a_disk_that_fails_during_a_sync_ends_with_the_same_sentence(path, monkeypatch):
    def broken(file):
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    async def work():
        with Journal(path, sync=True) as journal:
            record(journal, A)
            await asyncio.sleep(0.05)
            record(journal, B)

    monkeypatch.setattr(journal_module, "SYNC_SECONDS", 0.01)
    monkeypatch.setattr(os, "fsync", broken)
    with pytest.raises(InputError, match=r"cannot write to .*Input/output error"):
        run_in_virtual_time(work())
    with pytest.raises(InputError, match=r"cannot write to .*Input/output error"), Journal(path, sync=True) as journal:
        record(journal, B)
    with Journal(path) as journal:
        assert (len(journal), journal.get(A)) == (2, REPLY)


def test_a_job_writes_the_keys_that_it_used_when_it_ends_without_an_error(path):
    with Journal(path) as journal:
        record(journal, A)
        record(journal, B)
    with Journal(path) as journal:
        assert read_used_keys(path) is None
        record(journal, C)
        record(journal, D)
    assert read_used_keys(path) == {C, D}
    with Journal(path) as journal:
        for key in (A, D, "e" * 32):
            journal.get(key)
    assert read_used_keys(path) == {A, D}
    with pytest.raises(KeyError), Journal(path):
        raise KeyError
    assert read_used_keys(path) is None


def test_a_journal_that_was_pruned_while_it_was_opened_is_not_written(path, monkeypatch):
    with Journal(path) as journal:
        record(journal, A)

    def late(file, how):
        path.with_suffix(".new").write_bytes(path.read_bytes())
        path.with_suffix(".new").replace(path)

    monkeypatch.setattr(file_lock.fcntl, "flock", late)
    with pytest.raises(InputError, match="another process is writing this journal"):
        Journal(path)


def test_thousands_of_replies_are_read_at_once(path):
    with Journal(path) as journal:
        for number in range(8000):
            record(journal, f"{number:032x}")
    with limit_work(), Journal(path) as journal:
        assert len(journal) == 8000


def test_spellings_of_one_request_find_the_same_reply():
    request = Request("https://here/v1", "model/a", ({"role": "user", "content": "How good?"},), 0, 100, 1, 1, {})
    assert dataclasses.replace(request, endpoint="https://here/v1/", temperature=0.0).compute_key() == request.compute_key()


def test_the_key_of_a_request_never_changes_so_that_paid_journals_stay_valid():
    request = Request("https://here/v1", "model/a", ({"role": "user", "content": "How good?"},), 0.1, 100, 1, 1, {})
    assert request.compute_key() == "5cf8eabf099f21a4323d8c3131a4b668"
