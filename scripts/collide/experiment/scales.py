"""Scales: the ratings that a criterion may have. Every rating is a number; a class is its place in the list of classes."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

# What config.yaml holds for a scale: [low, high]; {low:, high:, step:}; or {classes: [...], ordered: true}.
ScaleConfig = Sequence[int] | Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Scale:
    """The ratings of a criterion, from the lowest to the highest.

    values: the ratings as numbers; the classes are numbered from 0 on.
    classes: the names of the ratings; empty for a scale of numbers.
    ordered: False for classes without an order (a nominal scale).
    error_unit: the difference of two ratings that counts as an error of 1. It is 1 where all criteria of a data set have
        scales of one width, so that errors are in points; otherwise it is the width, so that no criterion outweighs another.
    """

    values: tuple[int | float, ...]
    classes: tuple[str, ...] = ()
    ordered: bool = True
    error_unit: float = 1

    @property
    def low(self) -> int | float:
        """Return the lowest rating."""
        return self.values[0]

    @property
    def high(self) -> int | float:
        """Return the highest rating."""
        return self.values[-1]

    @property
    def step(self) -> int | float:
        """Return the difference of neighbouring ratings."""
        return self.values[1] - self.values[0]

    @property
    def is_nominal(self) -> bool:
        """Return True for classes without an order."""
        return bool(self.classes) and not self.ordered

    @property
    def is_whole(self) -> bool:
        """Return True for a scale of whole numbers."""
        return not self.classes and all(isinstance(value, int) for value in self.values)

    @property
    def is_plain(self) -> bool:
        """Return True for a scale of all whole numbers between its ends."""
        return self.is_whole and self.step == 1

    def show(self, rating: float) -> str:
        """Return a rating as prompts and pages show it: its number, or the name of its class."""
        return self.classes[int(rating)] if self.classes else f"{rating:g}"

    def describe(self) -> str:
        """Return what a rating is, for prompts and messages.

        >>> build_scale([1, 5]).describe(), build_scale({"low": 0, "high": 1, "step": 0.5}).describe()
        ('whole number from 1 to 5', 'number from 0 to 1 in steps of 0.5')
        >>> build_scale({"classes": ["no", "partly", "yes"]}).describe()
        '"no", "partly" or "yes"'
        """
        if self.classes:
            *first, last = (json.dumps(name, ensure_ascii=False) for name in self.classes)
            return f"{', '.join(first)} or {last}"
        if self.is_plain:
            return f"whole number from {self.low} to {self.high}"
        return f"number from {self.low:g} to {self.high:g} in steps of {self.step:g}"

    def find_value(self, number: float) -> int | float | None:
        """Return the rating that a number is, or None."""
        return next((value for value in self.values if value == number), None)


def build_scale(config: ScaleConfig) -> Scale:
    """Return the scale that config.yaml describes.

    >>> build_scale([1, 3]).values, build_scale({"low": 0, "high": 1, "step": 0.5}).values
    ((1, 2, 3), (0, 0.5, 1))
    >>> build_scale({"classes": ["no", "yes"]}).show(1)
    'yes'
    """
    if not isinstance(config, Mapping):
        return Scale(tuple(range(config[0], config[1] + 1)))
    if "classes" in config:
        classes = tuple(map(str, config["classes"]))
        return Scale(tuple(range(len(classes))), classes, config.get("ordered", False))
    # Decimal, because 0.1 has no exact binary value: the sum of three of them is not 0.3.
    low, high, step = (Decimal(str(config[key])) for key in ("low", "high", "step"))
    return Scale(tuple(_to_number(low + step * place) for place in range(int((high - low) / step) + 1)))


def read_scales(configs: Mapping[str, ScaleConfig]) -> dict[str, Scale]:
    """Return the scales of all criteria of a data set, with the unit of their errors."""
    scales = {name: build_scale(config) for name, config in configs.items()}
    widths = {_measure_width(scale) for scale in scales.values()}
    if len(widths) == 1:
        return scales
    return {name: Scale(scale.values, scale.classes, scale.ordered, _measure_width(scale)) for name, scale in scales.items()}


def list_nominal(scales: Mapping[str, Scale]) -> list[str]:
    """Return the criteria with nominal scales."""
    return [name for name, scale in scales.items() if scale.is_nominal]


def _measure_width(scale: Scale) -> float:
    # Two different classes without an order are 1 apart, however many there are.
    return 1 if scale.is_nominal else scale.high - scale.low


def _to_number(value: Decimal) -> int | float:
    return int(value) if value == value.to_integral_value() else float(value)


def select_scales(scales: Mapping[str, Scale], names: Iterable[str]) -> dict[str, Scale]:
    """Return the scales of the named criteria, in the order of the names."""
    return {name: scales[name] for name in names}
