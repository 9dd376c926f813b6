"""Bytes that the screen writes, on terminals (pseudo-terminals) and elsewhere."""

import fcntl
import os
import pty
import struct
import termios

import pytest

from collide.display.screen import Screen, cut_line, open_screen


@pytest.fixture
def terminal():
    """A pseudo-terminal of 60 columns: the descriptor to write to, and a function that returns what was written."""
    main, side = pty.openpty()
    fcntl.ioctl(side, termios.TIOCSWINSZ, struct.pack("HHHH", 20, 60, 0, 0))

    def read():
        return os.read(main, 65536).decode()

    yield side, read
    os.close(main)
    os.close(side)


def test_live_lines_are_drawn_again_and_messages_stand_above(terminal):
    side, read = terminal
    screen = open_screen(side, {"TERM": "xterm"}, color=True)
    assert screen.live and screen.size == (60, 20)
    screen.draw(["a", "b"])
    assert read() == "\ra\x1b[K\r\nb\x1b[K\r\n\x1b[J"
    screen.draw(["a", "b"])
    screen.draw(["c"])
    assert read() == "\x1b[2A\rc\x1b[K\r\n\x1b[J"
    screen.print("note\n", "warning")
    assert read() == "\x1b[1A\r\x1b[J\x1b[33mnote\x1b[0m\r\nc\x1b[K\r\n"
    screen.clear()
    assert read() == "\x1b[1A\r\x1b[J"


def test_lines_that_a_narrower_terminal_broke_are_erased_as_a_whole(terminal):
    side, read = terminal
    screen = open_screen(side, {"TERM": "xterm"}, color=True)
    screen.draw(["x" * 50])
    read()
    fcntl.ioctl(side, termios.TIOCSWINSZ, struct.pack("HHHH", 20, 20, 0, 0))
    screen.draw(["y"])
    assert read().startswith("\x1b[3A\r")


@pytest.mark.parametrize("environment", [{"TERM": "dumb"}, {}])
def test_a_terminal_that_cannot_move_the_cursor_gets_plain_lines(terminal, environment):
    side, read = terminal
    screen = open_screen(side, environment, color=True)
    screen.draw(["a"])
    screen.print("note", "failure")
    assert read() == "note\r\n"


def test_no_color_means_no_color(terminal):
    side, read = terminal
    open_screen(side, {"TERM": "xterm", "NO_COLOR": "1"}, color=True).print("note", "failure")
    assert read() == "note\r\n"


def test_control_characters_of_a_message_reach_no_terminal(tmp_path):
    with (tmp_path / "out").open("wb") as stream:
        Screen(stream.fileno(), "ascii", live=False, color=False).print("a\x1b[2Jb\x07c\tä\r\n")
    assert (tmp_path / "out").read_bytes() == b"abc\t?\n"


def test_a_closed_pipe_stops_nothing():
    reader, writer = os.pipe()
    os.close(reader)
    screen = Screen(writer, "utf-8", live=False, color=False)
    screen.print("lost")
    screen.print("lost, too")
    os.close(writer)


def test_wide_characters_count_twice():
    assert cut_line("摘要" * 5, 12) == "摘要摘要..."
    assert cut_line("摘要", 5) == "摘要"
