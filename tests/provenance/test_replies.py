from collections import Counter

from collide.llm.journal_lines import encode_line
from collide.provenance.replies import JournalFacts, describe_times, read_journal_facts


def write_journal(path, *received, provider="p"):
    lines = [
        {"key": f"{number:032x}", "reply": ["4", "m", "stop", 1, 1], "role": "task", "provider": provider, "received": time}
        for number, time in enumerate(received)
    ]
    for line in lines:
        if line["received"] is None:
            del line["received"]
    path.write_bytes(b"".join(map(encode_line, lines)))
    return path


def test_a_journal_tells_providers_and_the_first_and_last_time(tmp_path):
    facts = read_journal_facts(write_journal(tmp_path / "a.journal", 86400, 0, None))
    assert facts == JournalFacts({"task": Counter(p=3)}, 0, 86400, 1)


def test_a_job_without_journal_has_no_times(tmp_path):
    facts = read_journal_facts(tmp_path / "none.journal")
    assert describe_times([facts]) == {"first_reply": None, "last_reply": None, "replies_without_time": 0}


def test_times_are_those_of_all_journals_in_utc(tmp_path):
    facts = [read_journal_facts(write_journal(tmp_path / f"{time}.journal", time)) for time in (60, 0, None)]
    assert describe_times(facts) == {
        "first_reply": "1970-01-01T00:00:00Z",
        "last_reply": "1970-01-01T00:01:00Z",
        "replies_without_time": 1,
    }
