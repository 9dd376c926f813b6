"""Serve the simulator with a judge that cannot follow rewritten prompts unless an instruction asks for one whole number.

To other rewritten prompts it answers 4.5, or prose.
"""

import asyncio
import dataclasses
import json
import re
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "scripts")]

from tools.serve_simulator import ServedSimulator, serve_until_idle  # noqa: E402

from collide.llm.request import Reply, Request  # noqa: E402
from collide.simulator import Simulator  # noqa: E402

INSTRUCTION = re.compile(r'<instruction criterion="([^"]*)">\n(.*?)\n</instruction>', re.DOTALL)
INITIAL = "Rate from 1 to 5."
IDLE_SECONDS = 600.0


class SpoiledJudge(Simulator):
    """The simulator, but for the judge's replies to rewritten prompts."""

    async def complete(self, request: Request) -> Reply:
        reply = await super().complete(request)
        # Only the judge's system message holds instructions.
        texts = dict(INSTRUCTION.findall(request.messages[0]["content"]))
        if set(texts.values()) <= {INITIAL} or any("one whole number" in text for text in texts.values()):
            return reply
        spoiled = json.dumps(dict.fromkeys(texts, 4.5)) if len(str(texts)) % 2 else "A decent summary, better than most."
        return dataclasses.replace(reply, text=spoiled)


if __name__ == "__main__":
    served = ServedSimulator(latency=0.002, max_in_flight=0, key="", error_rate=0.0)
    served.simulator = SpoiledJudge()
    asyncio.run(serve_until_idle(served, 0, IDLE_SECONDS))
