"""Knowledge of the simulated models: aspects of a summary's quality, the words that name them, and sentences about them.

An aspect is a property that can be measured in the text (see `text_features`). Each belongs to one criterion, by the usual
meaning of the criterion's name. The simulated models know nothing else beside the request.
"""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Aspect:
    """A measurable property. `praise` and `blame` are clauses about a text that has it or lacks it.

    The clauses and the suggestions may have the fields of `knowledge.name_texts`, suggestions also {name}, the criterion.
    """

    criterion: str
    pattern: re.Pattern[str]
    praise: str
    blame: str
    suggestions: tuple[str, ...]


def _define_aspect(criterion: str, pattern: str, praise: str, blame: str, *suggestions: str) -> Aspect:
    return Aspect(criterion, re.compile(pattern, re.IGNORECASE), praise, blame, suggestions)


ASPECTS: dict[str, Aspect] = {
    "form": _define_aspect(
        "fluency",
        r"gramma|spell|spelt|punctuat|capital|typo|spacing|well[- ]formed",
        "its sentences are grammatical and properly punctuated",
        "its capitals, punctuation or spacing are broken",
        "Ask the judge to check each sentence for grammar, spelling, punctuation and capital letters.",
        "State that wrong capitals, stray spacing or missing punctuation cost one point when they recur.",
        "Say that a text without any slip of grammar or spelling earns the highest rating.",
    ),
    "fragments": _define_aspect(
        "fluency",
        r"fragment|complete sentence|cut off|unfinished|truncat|incomplete|breaks off",
        "every sentence is complete",
        "a sentence breaks off or lacks its verb",
        "Tell the judge to look for fragments and for sentences that break off before their end.",
        "State that one unfinished or truncated sentence rules out the highest rating.",
        "Add that text made mostly of fragments earns one of the two lowest ratings.",
    ),
    "coverage": _define_aspect(
        "relevance",
        r"main point|central|essential|key point|important|cover|omit|left out|leaves out",
        "it covers the main points of the article",
        "it leaves out central points of the article",
        "Ask the judge to list the main points of the article and count how many the summary covers.",
        "State that a summary which omits a central point cannot earn the highest rating.",
        "Say that covering all essential points earns the highest rating and covering half of them a middle one.",
    ),
    "lead": _define_aspect(
        "relevance",
        r"opening|the lead|first paragraph|headline|who did what|core event",
        "it holds the core event that the article opens with",
        "it passes over the core event that the article opens with",
        "Tell the judge to find the core event, usually in the opening of the article, and look for it in the summary.",
        "State that a summary without the core event earns at most a middle rating.",
    ),
    "brevity": _define_aspect(
        "relevance",
        r"minor|redundan|padding|trivial|side detail|concise|too long|too short",
        "it keeps to what matters",
        "it spends its words on minor details",
        "Ask the judge to lower the rating for side details, padding and other minor content.",
        "Add that a concise summary which keeps out trivial content is to be preferred.",
    ),
    "order": _define_aspect(
        "coherence",
        r"order|sequence|chronolog|jumps|progress",
        "its sentences stand in a sensible order",
        "its sentences jump about instead of following the course of events",
        "Ask the judge to test whether the sentences follow a sensible order or jump back and forth.",
        "State that sentences out of sequence cost at least one point.",
        "Say that an account which progresses from start to end earns the highest rating.",
    ),
    "linking": _define_aspect(
        "coherence",
        r"connect|linked|linking|links|follow from|transition|pronoun|well-structured",
        "each sentence connects to the one before it",
        "its sentences stand side by side without connection",
        "Tell the judge to check whether each sentence connects to the one before it and every pronoun has a clear referent.",
        "Say that a heap of unconnected sentences earns a low rating, however good each of them is.",
    ),
    "repetition": _define_aspect(
        "coherence",
        r"repeat|repetition|twice|same thing|duplicate|says again",
        "it says nothing twice",
        "it says the same thing twice",
        "Ask the judge to look for repeated sentences or phrases.",
        "State that saying the same thing twice costs one point and repetition throughout earns the lowest rating.",
    ),
    "support": _define_aspect(
        "consistency",
        r"support|invent|hallucinat|fabricat|contradict|made up|verif|distort|backed",
        "every statement is supported by the article",
        "it makes statements that the article does not support",
        "Ask the judge to verify every statement of the summary against the article, one by one.",
        "State that one invented or contradicted statement rules out the two highest ratings.",
        "Say that a summary whose statements are all supported by the article earns the highest rating.",
    ),
    "facts": _define_aspect(
        "consistency",
        r"\bnames?\b|number|\bdates?\b|figures|quantit|who is said",
        "its names and numbers agree with the article",
        "a name or number in it is not in the article",
        "Tell the judge to compare each name, number and date with the article.",
        "Add that a wrong name, number or date is a serious error, even when the rest is right.",
    ),
}

# Suggestions that fit any criterion. Apart from one "twice" they name no aspect: they lengthen an instruction and guide nobody.
GENERIC_SUGGESTIONS = (
    "Ask the judge to be more precise and think carefully before rating.",
    "State that a high, a middle and a low rating should each stand for something definite.",
    "Say that the rating should be balanced and the whole scale be used.",
    "Tell the judge to weigh all reasons before settling on a rating.",
    "Add that overall quality matters more than any single flaw.",
    "Ask the judge to read {texts} twice and weigh strengths against weaknesses.",
    "Make clear that ratings should be consistent from one {output} to the next.",
)

LENIENT_SUGGESTIONS = (
    "State that {name} deserves the highest rating unless there is a clear flaw.",
    "Tell the judge to give the benefit of the doubt on {name} and never deduct for small things.",
    "Say that most {outputs} earn a high rating for {name}.",
)

STRICT_SUGGESTIONS = (
    "State that the highest rating for {name} is reserved for {outputs} without a flaw.",
    "Tell the judge to be strict on {name} and deduct a point for each flaw.",
    "Say that a middle rating for {name} is the rule and a high one has to be earned.",
)

# Lenient and strict words in instructions move the judge's ratings; the suggestions above contain some of them.
LENIENT = re.compile(
    r"unless there is a clear|benefit of the doubt|never deduct|not deduct|most [^.]{1,40}? earn a high|lenient|generous", re.I
)
STRICT = re.compile(r"reserved? for|\bstrict|deduct a point|has to be earned|severe|at most a", re.I)
