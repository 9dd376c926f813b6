"""Findings of a check: each problem that a model's sample calls showed, with the line of config.yaml to change."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from collide.cost.usage import CUT_OFF, Price, RoleUsage
from collide.llm.account import assume_tokens
from collide.llm.checks.probe import Probe, Sample
from collide.llm.replies.forms import FORMS
from collide.llm.replies.thinking_marks import remove_thinking
from collide.llm.request import CHARACTERS_PER_TOKEN, Model
from collide.llm.transport.endpoint import DEFAULT_TIMEOUT, LOCAL_HOSTS
from collide.llm.transport.errors import (
    CreditUsedUp,
    KeyRefused,
    ModelUnknown,
    NoReply,
    RejectedError,
    TransientError,
    Unreachable,
    WrongAddress,
)

# A model writes about this many tokens at most where our count of its text is one: a tokenizer may split words into letters.
MOST_TOKENS_PER_COUNTED = 4
# Tokens per reply that no answer needs: around an answer, servers count a few tokens of their own.
FRAME_TOKENS = 40
# Share by which the computed cost may differ from the one that the endpoint tells: prices are rounded, and change.
MOST_PRICE_ERROR = 0.1


@dataclass(frozen=True, slots=True)
class Finding:
    """A problem as a sentence, and the line of config.yaml to change. With `fails`, a study with this model would stop."""

    problem: str
    change: str
    fails: bool = True


@dataclass(frozen=True, slots=True)
class CheckedModel:
    """A model that is checked.

    name: its name in config.yaml; source: where its replies come from
    endpoint, base_url, settings: its endpoint, with the settings of the client
    price: US dollars per million tokens
    roles: the model as each role calls it
    """

    name: str
    source: str
    endpoint: str
    base_url: str
    settings: Mapping[str, Any]
    price: Price
    roles: Mapping[str, Model]

    def name_key(self, key: str) -> str:
        """Return the full name of a key of this model in config.yaml."""
        return f"models.{self.name}.{self.source}.{key}"

    def name_endpoint_key(self, key: str) -> str:
        """Return the full name of a key of its endpoint in config.yaml."""
        return f"endpoints.{self.endpoint}.{key}"


def list_findings(model: CheckedModel, probe: Probe) -> list[Finding]:
    """Return all problems, those that would stop a study first."""
    found = [
        *(_explain_error(model, role, error) for role, error in probe.errors.items()),
        *_find_refused_fields(model, probe),
        *(finding for role in model.roles for finding in _find_unusable(model, role, probe)),
        *_find_reasoning(model, probe.samples),
        *_find_other_models(model, probe.samples),
        *_find_other_providers(model, probe.samples),
        *_find_missing_counts(probe.samples),
        *_find_price(model, probe.samples),
    ]
    return sorted(found, key=lambda finding: not finding.fails)


def explain_connection(model: CheckedModel, error: Exception) -> Finding:
    """Return the finding for an endpoint to which nothing can be sent: its key is not set, or its address is not safe."""
    if "environment variable" in str(error):
        variable = model.settings.get("api_key_env")
        return Finding(str(error), f"{model.name_endpoint_key('api_key_env')}: {variable} (export {variable}=...)")
    return Finding(str(error), model.name_endpoint_key("base_url"))


def _explain_error(model: CheckedModel, role: str, error: Exception) -> Finding:
    """Return the finding for the error that ended the calls of a role."""
    variable = model.settings.get("api_key_env")
    match error:
        case KeyRefused() if variable:
            change = f"{model.name_endpoint_key('api_key_env')}: {variable} (the variable must hold a key of this endpoint)"
        case KeyRefused():
            change = f"{model.name_endpoint_key('api_key_env')}: NAME_OF_A_VARIABLE (the endpoint wants a key)"
        case CreditUsedUp():
            change = f"no line of config.yaml: top up the account of endpoint {model.endpoint}, or give its key a higher limit"
        case ModelUnknown():
            change = f"{model.name_key('name')}: the name by which the endpoint knows the model"
        case WrongAddress() | Unreachable():
            change = f"{model.name_endpoint_key('base_url')}: the address up to /chat/completions, of a server that runs"
        case NoReply():
            change = f"{model.name_endpoint_key('timeout')}: more than {model.settings.get('timeout', DEFAULT_TIMEOUT)} seconds"
        case TransientError(overloaded=True):
            change = f"{model.name_endpoint_key('requests_per_minute')}: the limit of the key, with concurrency: 1"
        case TransientError():
            change = "no line of config.yaml: the endpoint fails, try again later"
        case RejectedError():
            change = f"{model.name_key('name')}: a model that accepts our texts and their length"
        case _:
            change = f"{model.name_key('fields')} or extra_body: a request that the endpoint accepts"
    return Finding(f"{role}: {error}", change)


def _find_refused_fields(model: CheckedModel, probe: Probe) -> Iterator[Finding]:
    """Yield a finding for the fields that had to be left out or renamed, and for each limit that had to be lowered."""
    forms = {name for form in FORMS.values() for name in form({})}
    if fields := {name: new for name, new in probe.refused.items() if name not in forms}:
        settings = ", ".join(f"{name}: {new or 'null'}" for name, new in (_list_set_fields(model) | fields).items())
        problem = f"the endpoint refuses {', '.join(fields)}; the check went on without that"
        yield Finding(problem, f"{model.name_key('fields')}: {{{settings}}}")
    for name in sorted(probe.refused.keys() & forms):
        problem = f"the endpoint refuses {name}, which structured_output sends; the check went on without that"
        yield Finding(problem, f"{model.name_key('structured_output')}: json_object, or no such line")
    if probe.switch:
        problem = "the endpoint refuses how reasoning is turned off; the check went on with the switch that it accepts"
        yield Finding(problem, f"{model.name_key('thinking_off')}: {probe.switch}")
    for role, refusal in probe.too_long.items():
        problem = f"{role}: max_tokens: {model.roles[role].max_tokens} is too many ({refusal}); the check went on with fewer"
        yield Finding(problem, f"roles.{role}.max_tokens: the most tokens that the model may write")


def _list_set_fields(model: CheckedModel) -> dict[str, str | None]:
    return dict(next(iter(model.roles.values())).fields)


def _find_unusable(model: CheckedModel, role: str, probe: Probe) -> Iterator[Finding]:
    """Yield a finding for unusable replies of a role, and one for usable ones that were cut off."""
    samples = [sample for sample in probe.samples if sample.role == role]
    unusable = [sample for sample in samples if sample.reason]
    cut = [sample for sample in samples if sample.reply.finish_reason == CUT_OFF]
    raised = f"roles.{role}.max_tokens: more than {model.roles[role].max_tokens}"
    if unusable:
        ((reason, _),) = Counter(sample.reason for sample in unusable).most_common(1)
        problem = f"{role}: {len(unusable)} of {len(samples)} replies are unusable ({reason})"
        if not any(sample.reply.text.strip() for sample in unusable):
            yield Finding(
                problem, f"{model.name_key('thinking_off')}: another switch out of docs/live-runs.md, or {raised}", True
            )
        elif set(map(id, unusable)) <= set(map(id, cut)):
            yield Finding(problem, raised)
        else:
            yield Finding(problem, _advise_form(model, role), fails=_fails_often(samples))
    elif cut:
        yield Finding(f"{role}: {len(cut)} of {len(samples)} replies are cut off", raised, fails=False)


def _fails_often(samples: Sequence[Sample]) -> bool:
    """Return whether more than half of the replies to one prompt are unusable; each data set has a prompt of its own."""
    by_prompt: dict[str, list[bool]] = {}
    for sample in samples:
        by_prompt.setdefault(str(sample.request.messages), []).append(bool(sample.reason))
    return any(2 * sum(unusable) > len(unusable) for unusable in by_prompt.values())


def _advise_form(model: CheckedModel, role: str) -> str:
    key, form = model.name_key("structured_output"), model.roles[role].structured_output
    if form:
        return f"{key}: another form than {form}, or {model.name_key('name')}: a model that keeps to a form"
    return f"{key}: json_schema (or json_object)"


def _find_reasoning(model: CheckedModel, samples: Sequence[Sample]) -> Iterator[Finding]:
    """Yield a finding if replies hold reasoning, or if far more tokens are paid for than their texts hold."""
    thinking = [sample for sample in samples if remove_thinking(sample.reply.text).strip() != sample.reply.text.strip()]
    counted = sum(count_text_tokens(sample) for sample in samples)
    written = sum(sample.reply.tokens_out or 0 for sample in samples)
    if thinking or written > MOST_TOKENS_PER_COUNTED * counted + FRAME_TOKENS * len(samples):
        problem = f"the model reasons before it answers: {written} tokens were written for texts of about {counted}"
        yield Finding(problem, f"{model.name_key('thinking_off')}: another switch out of docs/live-runs.md", fails=False)


def _find_other_models(model: CheckedModel, samples: Sequence[Sample]) -> Iterator[Finding]:
    """Yield a finding if another model replied than the one that was requested, or several did.

    A server on this machine serves one model, under the name of its file or any other.
    """
    requested = _shorten_name(next(iter(model.roles.values())).name)
    served = sorted({sample.reply.model for sample in samples})
    others = [name for name in served if requested not in name.lower() and _shorten_name(name) not in requested]
    if len(served) > 1 or (others and not _is_local(model.base_url)):
        problem = f"{next(iter(model.roles.values())).name} was requested, and replies came from {', '.join(served)}"
        yield Finding(problem, f"{model.name_key('name')}: the name of one model", fails=False)


def _shorten_name(name: str) -> str:
    """Return a model's name without the vendor before it and a variant after it, such as `:free`."""
    return name.lower().rpartition("/")[2].partition(":")[0]


def _find_other_providers(model: CheckedModel, samples: Sequence[Sample]) -> Iterator[Finding]:
    """Yield a finding if a router sent the calls to several providers, which may run the model in different ways."""
    providers = [name for name, _ in Counter(sample.reply.provider for sample in samples).most_common() if name]
    if len(providers) > 1:
        pinned = f"{{provider: {{order: [{providers[0]}], allow_fallbacks: false}}}}"
        problem = f"replies came from the providers {', '.join(providers)}"
        yield Finding(problem, f"{model.name_key('extra_body')}: {pinned}", fails=False)


def _find_price(model: CheckedModel, samples: Sequence[Sample]) -> Iterator[Finding]:
    """Yield a finding if the prices are missing, or differ from what the endpoint says that it charged."""
    usage = count_usage(model, samples)
    told = [sample.reply.cost for sample in samples if sample.reply.cost is not None]
    change = f"{model.name_key('price_in')} and price_out: US dollars per million tokens"
    if len(told) == len(samples) > 0 and abs(math.fsum(told) - usage.cost) > MOST_PRICE_ERROR * math.fsum(told):
        problem = f"the endpoint charged ${math.fsum(told):.6f}, and the prices give ${usage.cost:.6f}"
        yield Finding(problem, change, fails=False)
    elif samples and not told and not usage.cost and not _is_local(model.base_url):
        yield Finding("no prices are set, so that forecasts and spending limits count nothing", change, fails=False)


def _is_local(base_url: str) -> bool:
    """Return True for a server on this machine, and for the simulator, which has no address."""
    return urlsplit(base_url).hostname in {None, *LOCAL_HOSTS}


def count_usage(model: CheckedModel, samples: Sequence[Sample]) -> RoleUsage:
    """Return replies, tokens and cost of samples."""
    usage = RoleUsage()
    for sample in samples:
        tokens = assume_tokens(sample.request, sample.reply)
        usage.count_reply(sample.reply, model.price, sent=True, assumed_tokens=tokens)
    usage.set_cost(model.price)
    return usage


def _find_missing_counts(samples: Sequence[Sample]) -> Iterator[Finding]:
    missing = sum(None in (sample.reply.tokens_in, sample.reply.tokens_out) for sample in samples)
    if missing:
        problem = f"{missing} of {len(samples)} replies come without token counts; costs are assumed from the length of texts"
        yield Finding(problem, "no line of config.yaml: the endpoint reports none", fails=False)


def count_text_tokens(sample: Sample) -> int:
    """Return our count of the tokens of a reply's text, rounded up."""
    return -(-len(sample.reply.text) // CHARACTERS_PER_TOKEN)
