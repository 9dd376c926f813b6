"""The files between scripts keep whatever texts models write."""

from collide.common.csv_json import is_simulated, read_json_lines, read_rows, write_json_lines, write_rows

TEXTS = ["plain", 'a "quoted", text', "two\nlines", "U+2028 \u2028 and U+0085 \x85", "# SIMULATED", ""]


def test_rows_come_back_as_they_were(tmp_path):
    rows = [{"number": str(n), "text": text} for n, text in enumerate(TEXTS)]
    for simulated in (True, False):
        write_rows(tmp_path / "rows.csv", ["number", "text"], rows, simulated)
        assert read_rows(tmp_path / "rows.csv") == rows
        assert is_simulated(tmp_path / "rows.csv") == simulated


def test_a_carriage_return_ends_no_row(tmp_path):
    write_rows(tmp_path / "rows.csv", ["text", "n"], [{"text": "a\rb\r\nc", "n": 1}, {"text": "d", "n": 2}], simulated=False)
    assert read_rows(tmp_path / "rows.csv") == [{"text": "a\nb\nc", "n": "1"}, {"text": "d", "n": "2"}]


def test_lines_of_json_end_with_a_line_feed_and_nothing_else(tmp_path):
    records = [{"text": text} for text in [*TEXTS, "a\rb"]]
    write_json_lines(tmp_path / "records.jsonl", records)
    assert read_json_lines(tmp_path / "records.jsonl") == records
