"""LlamaIndex' function calling agents through the proxy: every test of `tests/llamaindex/test_agents.py` again.

They look at what the emulator behind the proxy was sent, so calls, results and signatures must arrive there as they
left: the emulator refuses the calls of a Gemini 3 without them.
"""

from __future__ import annotations

from tests.llamaindex import test_agents

pytestmark = test_agents.pytestmark
globals().update({name: test for name, test in vars(test_agents).items() if name.startswith("test_")})
