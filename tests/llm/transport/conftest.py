"""Fixtures for tests of an endpoint's connections and replies."""

import pytest

from collide.llm.transport import senders


@pytest.fixture(params=sorted(senders.SENDERS))
def each_sender(request, monkeypatch):
    """Run a test with each sender of requests."""
    monkeypatch.setattr(senders, "DEFAULT_SENDER", request.param)
