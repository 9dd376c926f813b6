"""The 16 systems of the embedded corpus: which facts each selects, how it words them, and the rates of its defects.

They model no existing systems: E01 to E16 each stand for a kind of defect that is known from summarization systems.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class System:
    """A summarization system.

    pick: `lead` (the first statements), `main` (the main points first), `mixed` (any), `minor` (the least important).
    copied: share of statements copied from the article; the others use the short wording if there is one.
    words: smallest and largest target length in words.
    false_details: mean number of statements per summary with a wrong name, number, place or day.
    inventions: mean number of statements per summary that the article does not support.
    shuffled: share of summaries with statements in random order.
    repeats: mean number of repeated statements per summary.
    broken: mean share of statements with a grammar error, one of `grammar_errors` (names in `grammar_errors.py`).
    cut_off: share of summaries that end in the middle of a statement.
    """

    name: str
    pick: str
    copied: float
    words: tuple[int, int] = (45, 70)
    false_details: float = 0.0
    inventions: float = 0.0
    shuffled: float = 0.0
    repeats: float = 0.0
    broken: float = 0.03
    grammar_errors: tuple[str, ...] = ("drop_words",)
    cut_off: float = 0.0


SYSTEMS = (
    # Extractors, faithful and fluent. They differ in selection and coherence.
    System("E01", "lead", 1.0, (55, 80)),
    System("E02", "lead", 1.0, (55, 80), repeats=0.8),
    System("E03", "mixed", 1.0, (50, 75)),
    System("E04", "main", 1.0, (55, 80), shuffled=0.9),
    System("E05", "minor", 1.0, (45, 70), shuffled=0.3),
    # Strong systems that write in their own words.
    System("E06", "main", 0.1, (40, 60), false_details=0.05),
    System("E07", "main", 0.4, (45, 65), false_details=0.05),
    System("E08", "lead", 0.6, (45, 65), false_details=0.05, cut_off=0.1),
    # Unsupported statements.
    System("E09", "main", 0.3, (40, 60), false_details=0.9),
    System("E10", "mixed", 0.5, (45, 65), inventions=0.8, shuffled=0.2),
    # Disorder and repetition.
    System("E11", "mixed", 0.6, (40, 65), shuffled=0.5, repeats=0.9),
    # Broken grammar, one kind each.
    System("E12", "main", 0.6, (40, 60), broken=0.4, grammar_errors=("drop_words", "double_words")),
    System("E13", "lead", 0.6, (45, 65), broken=0.4, grammar_errors=("break_agreement", "lower_case"), cut_off=0.2),
    System("E14", "mixed", 0.7, (40, 60), broken=0.35, grammar_errors=("cut_off", "swap_words"), cut_off=0.5),
    # A system that is weak in everything, and one of medium quality.
    System(
        "E15",
        "mixed",
        0.3,
        (35, 60),
        false_details=1.2,
        inventions=0.8,
        shuffled=0.6,
        repeats=0.7,
        broken=0.5,
        grammar_errors=("drop_words", "break_agreement", "cut_off", "double_words", "swap_words"),
    ),
    System("E16", "minor", 0.4, (40, 65), false_details=0.3, inventions=0.25, shuffled=0.4, repeats=0.3, broken=0.12),
)
