"""Benchmarks are summed by rule; a job that Snakemake could not sample is counted and enters no sum of memory."""

import pytest
from snakemake.benchmark import BenchmarkRecord, write_benchmark_records

from collide.report.benchmarks import COLUMNS, describe_benchmarks, sum_benchmarks


def write_benchmark(folder, name, seconds, memory=None, extended=False):
    """Write a file as Snakemake does for a job that took some seconds; without `memory` it was never sampled."""
    record = BenchmarkRecord(jobid=1, running_time=seconds, max_rss=memory, cpu_time=seconds / 2)
    record.data_collected, record.process_gone = memory is not None, memory is None
    path = folder / f"{name}.tsv"
    path.parent.mkdir(parents=True, exist_ok=True)
    if extended:
        record.parse_wildcards = record.parse_params = record.parse_resources = record.input_size_mb = dict
    write_benchmark_records([record], str(path), extended)


def test_times_and_memory_are_summed_by_rule_the_longest_first(tmp_path):
    write_benchmark(tmp_path, "score_study/main", 4.0, 100.0)
    for number, (seconds, memory) in enumerate([(2.0, 150.0), (3.5, 180.0), (9.0, 120.5)]):
        write_benchmark(tmp_path, f"optimize/main/SSS/mae/seed{number}", seconds, memory)
    first, second = sum_benchmarks(tmp_path)
    assert first == {
        "rule": "optimize",
        "jobs": 3,
        "sampled": 3,
        "seconds": 14.5,
        "seconds_median": 3.5,
        "seconds_max": 9.0,
        "processor_seconds": 7.25,
        "memory_median": 150.0,
        "memory_max": 180.0,
    }
    assert second["rule"] == "score_study"
    assert tuple(first) == COLUMNS


def test_a_job_that_was_not_sampled_counts_for_time_alone(tmp_path):
    write_benchmark(tmp_path, "optimize/a", 0.2)
    write_benchmark(tmp_path, "optimize/b", 1.0, 90.0)
    write_benchmark(tmp_path, "claims/all", 0.1)
    optimize, claims = sum_benchmarks(tmp_path)
    assert (optimize["jobs"], optimize["sampled"], optimize["seconds"], optimize["memory_max"]) == (2, 1, 1.2, 90.0)
    assert (claims["sampled"], claims["processor_seconds"], claims["memory_median"], claims["memory_max"]) == (
        0,
        None,
        None,
        None,
    )
    assert "claims" in describe_benchmarks([optimize, claims])


@pytest.mark.parametrize("content", ["", "s\th:m:s\tmax_rss\n", "s\th:m:s\n\t\n"])
def test_a_file_whose_writing_was_interrupted_counts_as_no_job(tmp_path, content):
    (tmp_path / "optimize").mkdir()
    (tmp_path / "optimize/a.tsv").write_text(content)
    assert sum_benchmarks(tmp_path) == []


def test_the_extended_format_is_read_too(tmp_path):
    write_benchmark(tmp_path, "optimize/a", 2.0, 50.0, extended=True)
    assert sum_benchmarks(tmp_path)[0]["memory_max"] == 50.0


def test_no_benchmarks_are_said_in_a_sentence(tmp_path):
    assert describe_benchmarks(sum_benchmarks(tmp_path / "missing")) == "No job with a benchmark has finished yet."
