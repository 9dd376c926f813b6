"""Sum of independent variances, with the degrees of freedom of its t distribution."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


def add_variances(variances: Sequence[float] | NDArray[np.float64], degrees: Sequence[float]) -> tuple[float, float]:
    """Return the sum of variances and its degrees of freedom (Satterthwaite 1946), which are nan for a sum of 0.

    >>> add_variances([1.0, 0.0], [2, 9])
    (1.0, 2.0)
    """
    parts = np.asarray(variances, dtype=np.float64)
    total = float(parts.sum())
    return total, float(total**2 / np.sum(parts**2 / np.asarray(degrees))) if total else float("nan")
