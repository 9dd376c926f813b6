"""Sampling errors of our numbers and of the paper's, from bootstrap draws.

The bootstrap of three runs is too narrow: three values vary less about their own mean than about the true one, and they tell
little about their variance. Both are corrected here as in Student's t. The variance of the draws has a part from runs and a
part from test documents. In each draw the part from runs is multiplied by runs / chi2, where chi2 is drawn with runs - 1
degrees of freedom.

The paper prints no sampling error. It is taken to be that of our own runs: the part from documents is kept, and the part from
runs is scaled from our number of runs to the paper's.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from collide.analysis.bootstrap import Floats

# Of the draws of chi2, and of the order of the paper's errors.
SEED = 0


@dataclass(frozen=True, slots=True)
class Errors:
    """Draws of errors, 0 in row 0: of our number, of our number from runs alone, and of the paper's number."""

    ours: Floats
    of_runs: Floats
    papers: Floats


def draw_errors(draws: Floats, run_draws: Floats, runs: int, paper_runs: int) -> Errors:
    """Return the errors of a number with bootstrap draws `draws`; `run_draws` vary the runs alone.

    Both have the sample in row 0, and `runs` is at least 2. The paper's errors are our draws in another order, so that the two
    are independent. Errors are taken about the sample: the upward error of a best step is in both numbers, and cancels in their
    difference.
    """
    random = np.random.default_rng([SEED, runs])
    # The same draws for all numbers with as many runs: claims about the same runs stay paired.
    uncertain = runs / random.chisquare(runs - 1, len(draws) - 1)
    order = random.permutation(len(draws) - 1)
    errors, run_errors = draws[1:] - draws[0], run_draws[1:] - run_draws[0]
    total, from_runs = float(np.nanvar(errors)), float(np.nanvar(run_errors))
    from_documents = max(total - from_runs, 0.0)
    # Without any spread all errors are 0, whatever they are multiplied by.
    total = total or 1.0
    ours = errors * np.sqrt((from_documents + from_runs * uncertain) / total)
    papers = errors[order] * np.sqrt((from_documents + from_runs * uncertain * runs / paper_runs) / total)
    return Errors(_with_sample(ours), _with_sample(run_errors * np.sqrt(uncertain)), _with_sample(papers))


def _with_sample(errors: Floats) -> Floats:
    return np.concatenate([[0.0], errors])
