"""How many took part, read from abstracts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedupe.sizes import GREATEST, LEAST, MOST, sizes


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Eighty mother-infant dyads were assigned (n = 40 each).", (80, 40)),
        ("One hundred and twenty-three patients were randomised.", (123,)),
        ("METHODS. Two thousand three hundred women took part.", (2300,)),
        ("A hundred men were asked.", (100,)),
        ("1,234 eligible patients were randomised.", (1234,)),
        ("Of 131 enrolled participants, 64 got observation (N=64).", (64, 131)),
        ("We randomised 356 adults; 250 healthy, overweight men stayed.", (356, 250)),
        ("Placebo (n=52) or drug [n = 1,024].", (52, 1024)),
        ("In 2012 patients were asked; aged 65 years; 10 mg patients took.", ()),
        ("Two groups of patients; 95% CI 12-40 patients; mean = 34; 3.45 patients a year.", ()),
        ("", ()),
    ],
)
def test_numbers_of_people(text, found):
    assert sizes(text) == found


@given(st.text(st.sampled_from("one hundred thousand 1234567890, = n. A Patients women-and"), max_size=80))
def test_never_too_many_or_too_odd(text):
    found = sizes(text)
    assert len(found) <= MOST
    assert len(set(found)) == len(found)
    assert all(LEAST <= size <= GREATEST for size in found)


@given(st.integers(LEAST, GREATEST).filter(lambda size: not 1900 <= size <= 2099))
def test_the_same_number_in_three_spellings(size):
    assert sizes(f"{size} patients") == sizes(f"(n = {size})") == sizes(f"{size:,} patients") == (size,)
