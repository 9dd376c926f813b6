"""Find the rating that a text states. Any other number is prose: a count, a scale, an example, the number of a list item."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator

from collide.experiment.scales import Scale
from collide.llm.request import UnusableReply

# Words that name a rating.
LABELS = ("rating", "score", "grade", "answer", "specificity", "adherence", "focus")

_NUMBER = r"(?<![\w.,/-])(-?[0-9]{1,9}(?:[.,][0-9]{1,9})?)(?![\w%+]|[.,][0-9])"
_LABEL = rf"(?:{'|'.join(LABELS)})(?:\s+(?:score|rating))?"
# A scale between label and rating: "Rating (1-10): 8", "Score out of 10: 8".
_SCALE = r"(?:\s*\([^()\n]{0,40}\))?(?:\s+(?:out\s+of|on\s+a\s+scale\s+(?:of|from)\s+[0-9]+\s+to)\s+[0-9]+)?"
_HEADING = re.compile(rf"\W*(?:(?:the|my|final|overall)\W+){{0,4}}{_LABEL}{_SCALE}\W*", re.IGNORECASE)
# Text after a rating in the same line, which gives its reason. Anything else may continue the number or count something:
# "7 or 8", "4/5", "3 suggestions", "3 (of 4) suggestions".
_CAUSE = (
    r"(?:,(?=\s)(?!\s*(?:[0-9]|or\b|to\b|and\b|but\b|if\b|maybe\b|perhaps\b|possibly\b))"
    r"|(?<=[ \t])(?:because|since|as|for)\b"
    r"|(?<=[ \t])[-\u2013\u2014][ \t]+(?![0-9]|or\b|to\b)"
    r"|\((?!of\b|or\b|[0-9])[^()\n]*\)[ \t]*(?:$|[.!;,]))"
)
_STOP = r"(?:$|[.!;](?:\s|$))"
_AFTER = rf"(?=[ \t]*[)\]}}]*[ \t]*(?:{_STOP}|{_CAUSE}))"
# A rating near such a word may be another one than the rating that is given.
_DOUBT = re.compile(
    r"\b(?:not|never|\w+nt|but|however|although|though|instead|if|unless|than|least|most|almost|nearly|about|around|roughly"
    r"|between|to\s+(?:earn|get|reach|deserve)|would\s+(?:need|have|be|mean|require)|perfect|reconsider\w*|lower\w*|rais\w+"
    r"|example|experts?|judges?)\b",
    re.IGNORECASE,
)
# The number at the end of a text that was cut off: further digits may be missing, or the rest of "8/10".
_OPEN_END = re.compile(r"[-0-9][-0-9.,/\s]*\Z")


def find_rating(text: str, scale: Scale, cut_off: bool = False) -> int | float:
    """Return the one number on a scale that a text states, such as "8", "Score: 8", or "I give it 8 out of 10".

    It stands alone on the first or last line, opens the text before its reason, follows a label, is tagged or boxed, or ends a
    sentence and names the highest rating. The number at the end of a text that was `cut_off` does not count. Raises
    UnusableReply for no rating, several different ones, or one that is not on the scale.
    """
    # Python's float() would read digits of other scripts, too, which the patterns do not find.
    if foreign := re.search(r"(?![0-9])\d", text):
        raise UnusableReply(f"{foreign[0]!r} is no digit from 0 to 9")
    body = re.sub(r"[*_`\"'\u2018\u2019\u201c\u201d]", "", text).replace("\N{MINUS SIGN}", "-").strip()
    if cut_off:
        body = _OPEN_END.sub("", body)
    ratings = {float(number.replace(",", ".")) for number in _iterate_ratings(body, f"{scale.high:g}")}
    if len(ratings) != 1:
        raise UnusableReply(f"expected one rating, found {len(ratings)}")
    stated = ratings.pop()
    rating = scale.find_value(stated)
    if rating is None:
        raise UnusableReply(f"{stated:g} is no {scale.describe()}")
    return rating


def _iterate_ratings(body: str, high: str) -> Iterator[str]:
    """Yield the numbers that a text states as its rating."""
    of_highest, forms, doubtful_forms = _compile_forms(high)
    yield from _iterate_lone_numbers(body, rf"{_NUMBER}(?:{of_highest})?")
    certain = not _DOUBT.search(body)
    for form in (*forms, *(doubtful_forms if certain else ())):
        yield from (match[1] for match in form.finditer(body))


def _iterate_lone_numbers(body: str, number: str) -> Iterator[str]:
    """Yield the numbers that stand alone on the first or last line, or below a label."""
    lines = [line.strip() for line in body.split("\n") if line.strip()]
    for place, line in enumerate(lines):
        match = re.fullmatch(rf"[\s#(\[\u2022-]*?{number}[\s)\]]*([.!]?)", line)
        if not match:
            continue
        before = lines[place - 1] if place else ""
        # "1." alone on a line may open a list, and a number below a line with a colon may be any quantity.
        alone = len(lines) == 1 or (not match[2] and not before.endswith(":"))
        if _HEADING.fullmatch(before) or (alone and place in {0, len(lines) - 1}):
            yield match[1]


@functools.cache
def _compile_forms(high: str) -> tuple[str, tuple[re.Pattern[str], ...], tuple[re.Pattern[str], ...]]:
    """Return the pattern of "/10" and "out of 10", the forms of a rating, and those that a word of `_DOUBT` rules out.

    The first group of a form is the number.
    """
    of_highest = rf"\s*\(?(?:/|out\s+of|of)\s*{re.escape(high)}(?:[.,]0+)?\b\)?(?![\w-]|[.,][0-9])"
    number = rf"{_NUMBER}(?:{of_highest})?"
    own = r"(?:(?:the|my|final|overall|numerical)\W+){0,4}"
    forms = (
        # At the start. "1 - ..." and "1. ..." are items of a list, and "10: ..." is a level of a rubric.
        rf"\A[\s#(\[]*(?:{_NUMBER}{of_highest}{_AFTER})",
        rf"\A[\s#(\[]*(?!1[ \t]*[-\u2013\u2014])(?:{_NUMBER}(?=[ \t]*{_CAUSE}))",
        # "Rating: 8". "Adherence: 1. The first suggestion ..." is a list.
        rf"(?:^|(?<=[.!?;]\s))\W*{own}{_LABEL}{_SCALE}\s*[:=][^\w\n]*?(?!1[.)]\s+\S){number}{_AFTER}",
        rf"\A\W*(?:the\s+)?{_LABEL}\s+is\s+{number}\W*\Z",
        rf"<(?:rating|score|answer)>\s*{number}\s*</",
        rf"\\boxed\{{(?:\\text\{{)?\s*{number}\s*\}}",
    )
    doubtful_forms = (
        rf"\b(?:my|final|overall|so|thus|therefore|hence)\b(?:\W+{own})?\s*{_LABEL}{_SCALE}\s+is\W+{number}{_AFTER}",
        (
            rf"\bI(?:d|\s+would|\s+will)?\s+(?:rate|give|score|grade|assign|award)\b[^.\n0-9]{{0,80}}?(?<=[\s(])"
            rf"(?:{_NUMBER}(?={of_highest}{_AFTER}|[.!](?:\s|$)))"
        ),
        rf"{_NUMBER}{of_highest}(?=[ \t]*(?:[.!]\s|[.!]?$))",
    )
    flags = re.IGNORECASE | re.MULTILINE
    return of_highest, *(tuple(re.compile(form, flags) for form in group) for group in (forms, doubtful_forms))  # type: ignore[return-value]
