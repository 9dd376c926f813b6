"""Test of improvement that is free of selection: the gain at the step chosen on the validation pairs.

The step with the highest test value flatters: of 13 prompts that do not differ, the best one lies above the first. The
validation pairs choose a step without the test pairs, so a gain at that step has the mean 0 where no prompt is better.

A bootstrap of three seeds is too narrow for a test, as it draws from three values. The interval is therefore that of Welch and
Satterthwaite: the variance of the mean over seeds and the variance over documents are added, and the t distribution has the
degrees of freedom of the sum. The t distribution is that of scipy.special, imported where it is called: scipy.stats takes 0.8 s
of processor time to import.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from collide.analysis.formulas.counts import Floats
from collide.common.variance_sum import add_variances


@dataclass(frozen=True, slots=True)
class GainTest:
    """A gain with its standard error and degrees of freedom; nan where one run gives no variance."""

    gain: float
    error: float
    freedom: float

    @property
    def p_value(self) -> float:
        """Return the two-sided p value of a gain of 0."""
        if self.gain == 0:
            return 1.0
        # All seeds and documents agree exactly: nothing varies, as where each prompt rates every pair alike.
        if self.error == 0:
            return 0.0
        from scipy import special

        return float(2 * special.stdtr(self.freedom, -abs(self.gain) / self.error))

    def spread_draws(self, draws: Floats) -> Floats:
        """Return draws whose percentiles are the interval of the test, in the order of the bootstrap draws.

        The order keeps the difference of two estimates paired. Row 0, the sample, stays as it is.
        """
        if np.isnan(self.error) or np.isnan(draws).any():
            return np.concatenate([draws[:1], np.full(len(draws) - 1, np.nan)])
        from scipy import special

        count = len(draws) - 1
        quantiles = np.zeros(count)
        if self.error:
            ordered = special.stdtrit(self.freedom, (np.arange(1, count + 1) - 0.5) / count)
            quantiles[np.argsort(draws[1:], kind="stable")] = ordered
        return np.concatenate([draws[:1], self.gain + self.error * quantiles])


def measure_gain(by_run: Floats, documents: int) -> tuple[GainTest, GainTest]:
    """Return the test with the variance of seeds and documents, and the one with that of seeds alone.

    `by_run` holds the gain of each run (runs x rows). Each row has its own draw of `documents` documents; row 0 is the sample.
    """
    runs = len(by_run)
    gain = float(by_run[:, 0].mean())
    if runs < 2:
        return (GainTest(gain, np.nan, np.nan),) * 2
    of_seeds = float(by_run[:, 0].var(ddof=1)) / runs
    of_documents = float(by_run[:, 1:].mean(axis=0).var(ddof=1))
    total, freedom = add_variances([of_seeds, of_documents], [runs - 1, documents - 1])
    return GainTest(gain, float(np.sqrt(total)), freedom), GainTest(gain, float(np.sqrt(of_seeds)), runs - 1.0)
