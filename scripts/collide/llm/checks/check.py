"""Check all models of a configuration: connect to their endpoints, send the sample calls, and find the problems."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from collide.errors import InputError
from collide.llm.checks.findings import CheckedModel, Finding, explain_connection, list_findings
from collide.llm.checks.probe import Probe, SampleCall, probe_model
from collide.llm.client import LimitedProvider
from collide.llm.progress import SILENT_SECONDS
from collide.llm.session import connect_endpoint, find_price, make_model
from collide.llm.transport.rate_limiter import CallLimiter


@dataclass(frozen=True, slots=True)
class CheckResult:
    """A model, what its sample calls showed, and the problems among it."""

    model: CheckedModel
    probe: Probe
    findings: list[Finding]

    @property
    def verdict(self) -> str:
        """Return `failed` if a study with this model would stop, `warning` for other problems, else `ready`."""
        if any(finding.fails for finding in self.findings):
            return "failed"
        return "warning" if self.findings else "ready"


async def check_models(
    models: Mapping[str, Mapping[str, Mapping[str, Any]]],
    source: str,
    settings: Mapping[str, Any],
    calls: Mapping[str, Sequence[SampleCall]],
    report: Callable[[str], None],
) -> list[CheckResult]:
    """Return the result for each model, in the order of `models`: resolved settings by model and role.

    `settings` are those of `session.open_client`, `calls` the sample calls by role. `report` gets a line when a model is done,
    and while models are waited for.
    """
    checked = [_describe_model(name, source, roles, settings) for name, roles in models.items()]
    connections = {model.endpoint: _connect(model, settings) for model in checked}
    # Models of one endpoint share its limits. The simulator in the process has none.
    limiters = {
        endpoint: CallLimiter(limited.concurrency, limited.max_concurrency, limited.rates)
        for endpoint, limited in connections.items()
        if isinstance(limited, LimitedProvider) and limited.concurrency
    }
    tasks = {
        model.name: asyncio.create_task(_check_model(model, connections[model.endpoint], limiters.get(model.endpoint), calls))
        for model in checked
    }
    try:
        await _report_until_done(tasks, report)
    finally:
        for task in tasks.values():
            task.cancel()
        for limited in connections.values():
            if isinstance(limited, LimitedProvider):
                await limited.provider.close()
    return [task.result() for task in tasks.values()]


def _describe_model(
    name: str, source: str, roles: Mapping[str, Mapping[str, Any]], settings: Mapping[str, Any]
) -> CheckedModel:
    resolved = next(iter(roles.values()))
    endpoint = resolved["endpoint"]
    return CheckedModel(
        name=name,
        source=source,
        endpoint=endpoint,
        base_url=resolved["base_url"],
        settings=settings["endpoints"][endpoint],
        price=find_price(settings, name),
        roles={role: make_model(model) for role, model in roles.items()},
    )


def _connect(model: CheckedModel, settings: Mapping[str, Any]) -> LimitedProvider | InputError:
    """Return the endpoint of a model, or the error that keeps requests from being sent."""
    try:
        return connect_endpoint(model.endpoint, model.base_url, settings)
    except InputError as error:
        return error


async def _check_model(
    model: CheckedModel,
    connection: LimitedProvider | InputError,
    limiter: CallLimiter | None,
    calls: Mapping[str, Sequence[SampleCall]],
) -> CheckResult:
    if isinstance(connection, InputError):
        return CheckResult(model, Probe(), [explain_connection(model, connection)])
    probe = await probe_model(model.roles, calls, connection, limiter)
    return CheckResult(model, probe, list_findings(model, probe))


async def _report_until_done(tasks: Mapping[str, asyncio.Task[CheckResult]], report: Callable[[str], None]) -> None:
    """Report each model that is done, and at least every SILENT_SECONDS those that are not. Raises the error of a task."""
    names, waiting = {task: name for name, task in tasks.items()}, set(tasks.values())
    while waiting:
        done, waiting = await asyncio.wait(waiting, timeout=SILENT_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            report(f"{names[task]}: {task.result().verdict}")
        if not done:
            report(f"waiting for {', '.join(sorted(names[task] for task in waiting))}")
