"""CSV and JSON Lines keep the texts that models write."""

import pandas as pd

from collide.common.csv_json import is_simulated, read_csv, read_json_lines, write_csv, write_json_lines

TEXTS = ["plain", 'a "quoted", text', "two\nlines", "U+2028 \u2028 and U+0085 \x85", "# SIMULATED", ""]


def test_rows_come_back_as_they_were_with_their_source(tmp_path):
    rows = [{"number": str(n), "text": text} for n, text in enumerate(TEXTS)]
    for source, simulated in {"simulated": True, "live": False}.items():
        write_csv(tmp_path / "rows.csv", ["number", "text"], rows, simulated)
        assert read_csv(tmp_path / "rows.csv") == [row | {"source": source} for row in rows]
        assert is_simulated(tmp_path / "rows.csv") == simulated


def test_rows_name_the_source_of_their_folder(tmp_path):
    for source in ("live", "local"):
        path = tmp_path / "results" / source / "rows.csv"
        path.parent.mkdir(parents=True)
        write_csv(path, ["number"], [{"number": 1}], simulated=False)
        assert read_csv(path) == [{"number": "1", "source": source}]
    # The simulator may be served on this machine, too.
    write_csv(path, ["number"], [{"number": 1}], simulated=True)
    assert read_csv(path) == [{"number": "1", "source": "simulated"}]


def test_pandas_reads_the_file_without_options(tmp_path):
    write_csv(tmp_path / "rows.csv", ["number", "text"], [{"number": 0.1 + 0.2, "text": TEXTS[2]}], simulated=True)
    frame = pd.read_csv(tmp_path / "rows.csv")
    assert frame.to_dict("records") == [{"number": 0.1 + 0.2, "text": TEXTS[2], "source": "simulated"}]


def test_a_file_without_rows_still_has_its_header(tmp_path):
    write_csv(tmp_path / "rows.csv", ["number"], [], simulated=True)
    assert list(pd.read_csv(tmp_path / "rows.csv").columns) == ["number", "source"]
    assert not is_simulated(tmp_path / "rows.csv")


def test_a_carriage_return_ends_no_row(tmp_path):
    write_csv(tmp_path / "rows.csv", ["text", "n"], [{"text": "a\rb\r\nc", "n": 1}, {"text": "d", "n": 2}], simulated=False)
    assert [(row["text"], row["n"]) for row in read_csv(tmp_path / "rows.csv")] == [("a\nb\nc", "1"), ("d", "2")]


def test_lines_of_json_end_with_a_line_feed_and_nothing_else(tmp_path):
    records = [{"text": text} for text in [*TEXTS, "a\rb"]]
    write_json_lines(tmp_path / "records.jsonl", records)
    assert read_json_lines(tmp_path / "records.jsonl") == records
