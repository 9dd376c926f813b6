"""Results and output of a run on a cluster."""

import subprocess

import pytest

from .conftest import KEY, count, finish, list_jobs, start, wait_until

pytestmark = pytest.mark.slurm
RUN = "main/SSS/mae/seed0"
PARTS = ("results/simulated/estimates/main/SSS/mae/agreement.csv", f"results/simulated/diagnostics/{RUN}.csv")


@pytest.fixture(scope="session")
def local(tmp_path_factory):
    """A folder in which the files were made on one machine."""
    folder = tmp_path_factory.mktemp("local")
    finish(start(folder, *PARTS))
    return folder


def read_results(folder):
    """Return the bytes of all results but journals (lines in any order), usage files and benchmarks (both hold times)."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in (folder / "results").rglob("*")
        if path.is_file() and not {"journal", "benchmarks"} & set(path.parts) and path.suffix != ".json"
    }


@pytest.mark.parametrize("profile", ["slurm", "cluster-generic"])
def test_a_cluster_makes_the_bytes_of_one_machine_in_few_jobs(tmp_path, local, profile):
    said = finish(start(tmp_path, *PARTS, profile=profile))
    assert read_results(tmp_path) == read_results(local)
    # A job each for the corpus, the initial prompt's evaluation, the run and its estimates.
    assert said.count("has been submitted with" if profile == "slurm" else "Submitted group job") == 4, said


def test_costs_are_printed_where_snakemake_runs_and_submit_no_job(tmp_path, local):
    said = finish(start(tmp_path, "costs", profile="slurm"))
    assert "jobs are finished" in said
    assert "submitted" not in said


@pytest.mark.parametrize("profile", ["slurm", "cluster-generic"])
def test_the_key_reaches_the_jobs_and_stands_nowhere(tmp_path, serve, live, state, profile):
    server = serve("--key", KEY["COLLIDE_TEST_KEY"], "--latency", "0.02")
    folder, secret = tmp_path / "run", KEY["COLLIDE_TEST_KEY"].encode()
    run = start(folder, f"results/live/runs/{RUN}/steps.jsonl", profile=profile, configs=[live(server.url, concurrency=4)])
    # Snakemake deletes job scripts at its end.
    wait_until(lambda: count(server) > 100)
    records = subprocess.run(["scontrol", "show", "jobs", "--details"], capture_output=True, check=True).stdout
    commands = subprocess.run(["ps", "-eo", "args"], capture_output=True, check=True).stdout
    texts = [records, commands, *map(str.encode, list_jobs(state, "%all")), *read_all(folder)]
    texts += [finish(run).encode(), *read_all(folder)]
    # The folders of slurmctld and slurmd, which no user reads, hold the environment of the jobs.
    texts += [path.read_bytes() for path in state.iterdir() if path.is_file()]
    assert not any(secret in text for text in texts)


def read_all(folder):
    return [path.read_bytes() for path in folder.rglob("*") if path.is_file()]
