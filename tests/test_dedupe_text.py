"""Folding: what it does to real titles, and that its quick ways change nothing."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from dedupe.text import fold, letters, plain, words

SPECIAL = {"æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i", "ħ": "h"}
VANISHING = "'`´‘’‛′ʹʼʻˈ\u200b\u200c\u200d\u00ad\ufeff"
GREEK = "".join(map(chr, range(0x370, 0x400)))
NAMES = "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho sigma sigma tau upsilon"
LONE = dict(zip("αβγδεζηθικλμνξοπρςστυφχψω", [*NAMES.split(), "phi", "chi", "psi", "omega"], strict=True))


def plainly(text):
    """The definition of `words`, one step after the other over the whole text."""
    text = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    text = "".join(SPECIAL.get(sign, sign) for sign in text if not "\u0300" <= sign <= "\u036f")
    text = unicodedata.normalize("NFC", "".join(sign for sign in text if sign not in VANISHING))
    text = " ".join(re.findall(r"[^\W_]+", text))
    spelled = [
        LONE.get(sign, sign) if (before + after).strip(GREEK) == before + after else sign
        for before, sign, after in zip(" " + text, text, text[1:] + " ", strict=False)
    ]
    return "".join(spelled).split()


odd = st.sampled_from(
    [
        *("'", "`", "’", "_", "-", "–", " ", "\0", "\x1c", "\u2028", "\u200b", "\ud800", "＇"),
        *("e\u0301", "\u0301", "ß", "İ", "ŉ", "½", "²", "ﬁ", "Ⅳ", "α", "Βη", "ϐ", "µ", "ς", "\u0345"),
        *("か\u3099", "\u3099", "ᄀ", "ᅡ", "한", "क्षि", "й", "Ꭰ"),
    ]
)
texts = st.lists(st.one_of(odd, st.text(max_size=4)), max_size=8).map("".join)


@given(texts)
@example("β'α α`β 'α' α'")
@example("か'\u3099")
@settings(max_examples=400, deadline=None)
def test_words_are_those_of_the_plain_definition(text):
    assert words(text) == plainly(text)


@given(texts)
@settings(max_examples=200, deadline=None)
def test_folding_what_is_folded_changes_nothing(text):
    assert fold(fold(text)) == fold(text)


@given(texts)
@settings(max_examples=200, deadline=None)
def test_letters_are_the_words_without_blanks(text):
    assert letters(text) == "".join(words(text))


@given(st.text(alphabet=st.characters(codec="ascii")))
def test_text_in_plain_english_is_folded_to_letters_and_digits(text):
    assert re.fullmatch(r"(?:[a-z0-9]+(?: [a-z0-9]+)*)?", " ".join(words(text)))


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Ménière’s disease – a follow‐up", "menieres disease a follow up"),
        ("TNF-α and β2-agonists, 5 µg", "tnf alpha and beta2 agonists 5 mug"),
        ("Η μετφορμίνη και η ινσουλίνη", "eta μετφορμινη και eta ινσουλινη"),
        ("Лечение диабета: обзор", "лечение диабета обзор"),
        ("糖尿病の治療", "糖尿病の治療"),
        ("CO<sub>2</sub> &amp; H&lt;sub&gt;2&lt;/sub&gt;O", "co2 h2o"),
        (r"Sch{\"o}n, na\"{\i}ve, \emph{in vivo}", "schon naive in vivo"),
        ("Straße, ŒUVRE, Łódź", "strasse oeuvre lodz"),
    ],
)
def test_folding(text, folded):
    assert fold(text) == folded


def test_plain_keeps_what_only_looks_like_a_tag():
    assert plain("p < 0.05 and n > 30") == "p < 0.05 and n > 30"
