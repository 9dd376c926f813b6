"""The lock on a folder's files, against a second process."""

import subprocess
import sys

import pytest

from collide.common.folder_lock import lock_folder
from collide.errors import InputError

HOLD = """
import sys
sys.path.insert(0, sys.argv[1])
from collide.common.folder_lock import lock_folder
lock = lock_folder("live")
print("locked", flush=True)
sys.stdin.read()
"""


def test_a_second_process_is_refused_until_the_first_ends_and_other_sources_stay_free(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".snakemake").mkdir()
    path = next(path for path in sys.path if path.endswith("scripts"))
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=tmp_path
    )
    with holder:
        assert holder.stdout.readline() == "locked\n"
        with pytest.raises(InputError, match="another Snakemake is making files of source live"):
            lock_folder("live")
        lock_folder("simulated").close()
        holder.kill()
    lock_folder("live").close()
