"""Keep pyarrow from importing pandas, which most jobs do not need."""

from __future__ import annotations

import sys
from importlib.abc import MetaPathFinder
from typing import Any

import pyarrow as pa


class _HiddenPandas(MetaPathFinder):
    """An import finder for which pandas is not installed."""

    def find_spec(self, fullname: str, path: Any, target: Any = None) -> None:
        if fullname.partition(".")[0] == "pandas":
            raise ModuleNotFoundError(f"{fullname} is hidden from pyarrow")


def detach_pandas() -> None:
    """Keep pyarrow from importing pandas; does nothing where pandas is imported already.

    At its first conversion of values pyarrow looks for pandas and imports it if it is installed: up to 1 s and 60 MB per job.
    It looks only once, so pandas can be imported as usual afterwards; only pyarrow's own `to_pandas` is lost.
    """
    if "pandas" in sys.modules:
        return
    finder = _HiddenPandas()
    sys.meta_path.insert(0, finder)
    try:
        pa.array([0])
    finally:
        sys.meta_path.remove(finder)
