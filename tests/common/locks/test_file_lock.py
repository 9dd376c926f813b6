"""Locks on files, with the system's locks and on file systems without them."""

import errno
import os
import subprocess
import sys
import time
from dataclasses import replace

import pytest

from collide.common.locks import file_lock
from collide.common.locks.file_lock import NO_LOCKS, FileLock, LockHeld, owner_file
from collide.common.locks.lock_owner import describe_this_process, format_owner, read_owner

from ...patience import wait_until

ELSEWHERE = replace(describe_this_process("optimize x", {"SLURM_JOB_ID": "45"}), host="node7", process=1)


def refuse_locks(monkeypatch, number):
    def refuse(*_):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(file_lock.fcntl, "flock", refuse)


@pytest.fixture
def ended():
    """The record of a process of this machine that has ended."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return replace(describe_this_process("earlier"), process=process.pid)


def test_a_lock_that_is_held_names_its_owner_and_is_free_after_its_release(tmp_path):
    path = tmp_path / "a.journal"
    lock = FileLock(path, "optimize main/SSS/mae/seed0")
    with pytest.raises(LockHeld) as found:
        FileLock(path, "again")
    assert f"process {os.getpid()} on " in str(found.value)
    assert "(optimize main/SSS/mae/seed0)" in str(found.value)
    assert found.value.owner.process == os.getpid()
    lock.release()
    lock.release()
    FileLock(path, "again").release()
    assert [file.name for file in tmp_path.iterdir()] == ["a.journal"]


def test_a_record_without_a_lock_is_replaced(tmp_path):
    path = tmp_path / "a.journal"
    owner_file(path).write_bytes(format_owner(ELSEWHERE))
    lock = FileLock(path, "now")
    assert read_owner(owner_file(path)).job == "now"
    lock.release()


@pytest.mark.parametrize("number", sorted(NO_LOCKS))
def test_without_locks_of_the_file_system_the_record_is_the_lock(tmp_path, monkeypatch, number):
    refuse_locks(monkeypatch, number)
    path = tmp_path / "a.journal"
    lock = FileLock(path, "first")
    assert "has no locks" in lock.warning
    with pytest.raises(LockHeld, match="first"):
        FileLock(path, "second")
    assert read_owner(owner_file(path)).job == "first"
    lock.release()
    FileLock(path, "second").release()


def test_the_record_of_a_process_that_has_ended_is_taken_over_at_once(tmp_path, monkeypatch, ended):
    refuse_locks(monkeypatch, errno.ENOSYS)
    path = tmp_path / "a.journal"
    for owner in (ended, replace(describe_this_process("other"), start=1), replace(ended, boot="earlier", process=os.getpid())):
        owner_file(path).write_bytes(format_owner(owner))
        FileLock(path, "next").release()


def test_the_record_of_another_machine_counts_until_it_was_not_renewed_for_minutes(tmp_path, monkeypatch):
    refuse_locks(monkeypatch, errno.ENOLCK)
    path, record = tmp_path / "a.journal", owner_file(tmp_path / "a.journal")
    record.write_bytes(format_owner(ELSEWHERE))
    with pytest.raises(LockHeld, match=r"process 1 on node7 \(optimize x\), which `scancel 45` stops"):
        FileLock(path, "next")
    old = time.time() - file_lock.STALE_SECONDS - 10
    os.utime(record, (old, old))
    FileLock(path, "next").release()


def test_the_owner_renews_its_record(tmp_path, monkeypatch):
    refuse_locks(monkeypatch, errno.ENOSYS)
    monkeypatch.setattr(file_lock, "RENEWAL_SECONDS", 0.01)
    lock = FileLock(tmp_path / "a.journal", "first")
    os.utime(owner_file(tmp_path / "a.journal"), (0, 0))
    wait_until(lambda: owner_file(tmp_path / "a.journal").stat().st_mtime > 0)
    lock.release()


def test_a_record_that_is_being_written_is_held(tmp_path, monkeypatch):
    refuse_locks(monkeypatch, errno.ENOSYS)
    owner_file(tmp_path / "a.journal").touch()
    with pytest.raises(LockHeld, match=r"another process holds the lock on this file; wait for it"):
        FileLock(tmp_path / "a.journal", "next")


def test_another_error_of_the_disk_is_no_lock_and_no_warning(tmp_path, monkeypatch):
    refuse_locks(monkeypatch, errno.EIO)
    with pytest.raises(OSError, match="Input/output error"):
        FileLock(tmp_path / "a.journal", "next")
