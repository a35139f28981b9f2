"""Quantities are exact, and what Kubernetes refuses is refused."""

from __future__ import annotations

import re
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slogen.quantities import LARGEST, format_bytes, parse_quantity

POWERS = {
    "n": Fraction(1, 10**9), "u": Fraction(1, 10**6), "m": Fraction(1, 1000), "": Fraction(1), "k": Fraction(10**3),
    "M": Fraction(10**6), "G": Fraction(10**9), "T": Fraction(10**12), "P": Fraction(10**15), "E": Fraction(10**18),
    "Ki": Fraction(2**10), "Mi": Fraction(2**20), "Gi": Fraction(2**30), "Ti": Fraction(2**40), "Pi": Fraction(2**50),
    "Ei": Fraction(2**60), "e3": Fraction(1000), "E3": Fraction(1000), "e-3": Fraction(1, 1000), "E+2": Fraction(100),
}  # fmt: skip


@given(st.integers(0, 10**9), st.integers(0, 999), st.sampled_from(list(POWERS)))
def test_a_quantity_is_the_number_that_it_stands_for(whole: int, thousandths: int, suffix: str) -> None:
    exact = (whole + Fraction(thousandths, 1000)) * POWERS[suffix]
    parsed = parse_quantity(f"{whole}.{thousandths:03}{suffix}")
    assert Fraction(parsed) == min(exact, Fraction(LARGEST))


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("1E", 10**18),
        ("1e3", 1000),
        ("1E3", 1000),
        (".5Gi", 2**29),
        ("5.", 5),
        (134217728, 2**27),
        (Decimal("1e9"), 10**9),
    ],
)
def test_forms_that_are_easily_confused(written: object, meant: int) -> None:
    assert parse_quantity(written) == meant


WRONG: list[object] = [
    "512MB",
    "1KI",
    "1K",
    "1 Gi",
    "Gi",
    "",
    "1e",
    "1.5.0",
    "0x10",
    "1,5Gi",
    "1Gi ",
    None,
    True,
    [],
    {},
    "9" * 99,
]


@pytest.mark.parametrize("written", WRONG, ids=repr)
def test_what_is_none_is_refused_with_a_sentence(written: object) -> None:
    with pytest.raises(ValueError, match="not a quantity"):
        parse_quantity(written)


@given(st.integers(0, 2**50))
def test_bytes_are_told_within_one_percent(size: int) -> None:
    told = format_bytes(size)
    assert re.fullmatch(r"\d+(\.\d)?(Ki|Mi|Gi)?", told)
    assert abs(parse_quantity(told) - size) <= Decimal(size) / 100
