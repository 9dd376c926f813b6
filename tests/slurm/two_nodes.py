"""Run a command beside a Slurm of two nodes on this machine, and stop the Slurm afterwards.

    python tests/slurm/two_nodes.py python -m pytest -m slurm tests/slurm

Needs root and Debian's packages slurmctld, slurmd, slurm-client and munge. It has no accounting database and limits no memory.
The command finds the folder with the state of the Slurm in the variable SLURM_STATE.
"""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

NODES = {"n1": 26821, "n2": 26822}
# Seconds that daemons may take to start.
PATIENCE = 60
CONFIG = """
ClusterName=test
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort=26817
AuthType=auth/munge
AuthInfo=socket={state}/munge.sock,cred_expire=10
CredType=cred/munge
CommunicationParameters=NoInAddrAny,NoCtldInAddrAny
SlurmUser=root
StateSaveLocation={state}/slurmctld
SlurmdSpoolDir={state}/slurmd-%n
SlurmctldPidFile={state}/slurmctld.pid
SlurmdPidFile={state}/slurmd-%n.pid
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
JobCompType=jobcomp/filetxt
JobCompLoc={state}/completed-jobs.txt
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU_Memory
SlurmdParameters=config_overrides
MpiDefault=none
ReturnToService=2
# Seconds until a node that does not answer is down, and until a cancelled job is killed. A job of a lost node waits for
# cred_expire before it starts on another one.
SlurmdTimeout=10
KillWait=5
{nodes}
PartitionName=debug Nodes=ALL Default=YES MaxTime=INFINITE State=UP
"""


def write_state(state: Path) -> None:
    """Write the configuration and the key into the folder."""
    nodes = "\n".join(
        f"NodeName={name} NodeHostname={name} NodeAddr=127.0.0.1 Port={port} CPUs=8 RealMemory=16000"
        for name, port in NODES.items()
    )
    for folder in ("etc", "slurmctld", *(f"slurmd-{name}" for name in NODES)):
        (state / folder).mkdir()
    text = CONFIG.format(host=socket.gethostname().partition(".")[0], state=state, nodes=nodes)
    (state / "etc" / "slurm.conf").write_text(text)
    (state / "hosts").write_text(Path("/etc/hosts").read_text() + "\n127.0.0.1 n1 n2\n")
    (state / "munge.key").write_bytes(os.urandom(1024))
    (state / "munge.key").chmod(0o400)
    # munged refuses a socket in a folder that others cannot enter.
    state.chmod(0o755)


def start_daemon(state: Path, name: str, *command: str) -> subprocess.Popen:
    """Start a daemon in the foreground, in a process group of its own, with its output in {name}.log."""
    with (state / f"{name}.log").open("ab") as log:
        return subprocess.Popen(
            command, stdout=log, stderr=log, stdin=subprocess.DEVNULL, start_new_session=True, env=slurm_environment(state)
        )


def slurm_environment(state: Path) -> dict[str, str]:
    return {**os.environ, "SLURM_CONF": f"{state}/etc/slurm.conf", "SLURM_STATE": str(state)}


def start_node(state: Path, name: str) -> subprocess.Popen:
    """Start a node with its own host name, an empty ~/.cache, and a /etc/slurm, since the plugin drops SLURM_CONF in jobs."""
    steps = [
        f"hostname {name}",
        f"mount --bind {state}/hosts /etc/hosts",
        f"mount --bind {state}/etc /etc/slurm",
        'mkdir -p "$HOME/.cache"',
        'mount -t tmpfs tmpfs "$HOME/.cache"',
        "exec slurmd -D",
    ]
    return start_daemon(state, name, "unshare", "--uts", "--mount", "sh", "-c", " && ".join(steps))


def start_munge(state: Path) -> subprocess.Popen:
    files = (f"--{part}-file={state}/munged.{part}" for part in ("pid", "log", "seed"))
    return start_daemon(
        state,
        "munged",
        "munged",
        "--foreground",
        "--force",
        f"--key-file={state}/munge.key",
        f"--socket={state}/munge.sock",
        *files,
    )


def wait_for_nodes(state: Path) -> None:
    """Wait until all nodes are idle."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        done = subprocess.run(
            ["sinfo", "--noheader", "--states=idle", "--format=%D"],
            capture_output=True,
            text=True,
            env=slurm_environment(state),
        )
        if done.stdout.split() == [str(len(NODES))]:
            return
        time.sleep(0.5)
    raise SystemExit(f"Slurm did not start within {PATIENCE} s; its messages are in {state}/*.log")


def stop(daemons: list[subprocess.Popen]) -> None:
    """Stop the daemons, the last one first."""
    for daemon in reversed(daemons):
        daemon.send_signal(signal.SIGTERM)
        try:
            daemon.wait(timeout=20)
        except subprocess.TimeoutExpired:
            daemon.kill()


def main(command: list[str]) -> int:
    state = Path(tempfile.mkdtemp(prefix="slurm-"))
    write_state(state)
    Path("/etc/slurm").mkdir(exist_ok=True)
    # Without this, SIGTERM would end this process and leave the daemons.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    daemons = [start_munge(state)]
    try:
        daemons.append(start_daemon(state, "slurmctld", "slurmctld", "-D"))
        daemons += [start_node(state, name) for name in NODES]
        wait_for_nodes(state)
        code = subprocess.run(command, env=slurm_environment(state), check=False).returncode
    finally:
        stop(daemons)
    shutil.rmtree(state, ignore_errors=True)
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
