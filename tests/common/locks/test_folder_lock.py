"""The lock on a folder's files, against a second process."""

import errno
import os
import subprocess
import sys
import tempfile

import pytest

from collide.common.locks import file_lock
from collide.common.locks.file_lock import LockHeld
from collide.common.locks.folder_lock import check_records_folder, lock_folder
from collide.errors import InputError

HOLD = """
import sys
sys.path.insert(0, sys.argv[1])
from collide.common.locks.folder_lock import lock_folder
lock = lock_folder("live", print)
print("locked", flush=True)
sys.stdin.read()
"""


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".snakemake").mkdir()
    return tmp_path / ".snakemake"


def test_a_second_process_is_refused_until_the_first_ends_and_other_sources_stay_free(tmp_path):
    path = next(path for path in sys.path if path.endswith("scripts"))
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=tmp_path
    )
    with holder:
        assert holder.stdout.readline() == "locked\n"
        whose = rf"process {holder.pid} on .*`kill {holder.pid}` stops"
        with pytest.raises(LockHeld, match=f"another Snakemake is making files of source live in this folder: {whose}"):
            lock_folder("live", pytest.fail)
        lock_folder("simulated", pytest.fail).release()
        holder.kill()
    lock_folder("live", pytest.fail).release()


@pytest.mark.parametrize("number", [errno.EROFS, errno.EACCES, errno.ENOSPC, errno.EDQUOT])
def test_a_folder_that_takes_no_lock_file_is_no_reason_to_stop_and_is_told_once(monkeypatch, number):
    def refuse(*_):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(file_lock.os, "open", refuse)
    warnings = []
    assert lock_folder("live", warnings.append) is None
    assert warnings == [f"Cannot lock this folder ([Errno {number}] {os.strerror(number)}): start no second Snakemake in it."]


def test_a_file_system_without_locks_is_told_once(monkeypatch, folder):
    def refuse(*_):
        raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS))

    monkeypatch.setattr(file_lock.fcntl, "flock", refuse)
    warnings = []
    lock = lock_folder("live", warnings.append)
    assert warnings == [
        "Warning: the file system of .snakemake/live.lock has no locks; .snakemake/live.owner takes their place."
    ]
    with pytest.raises(LockHeld, match="another Snakemake"):
        lock_folder("live", warnings.append)
    monkeypatch.chdir("/")
    lock.release()
    monkeypatch.chdir(folder.parent)
    lock_folder("live", warnings.append).release()
    assert [path.name for path in folder.iterdir()] == ["live.lock"]


@pytest.mark.parametrize("number", [errno.EROFS, errno.EACCES, errno.ENOSPC])
def test_a_folder_in_which_snakemake_cannot_write_is_told_before_anything_else(monkeypatch, folder, number):
    check_records_folder()
    assert not list(folder.iterdir())

    def refuse(dir):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(tempfile, "TemporaryFile", refuse)
    with pytest.raises(InputError, match=rf"cannot write its records to {folder} \({os.strerror(number)}\): make the folder"):
        check_records_folder()
