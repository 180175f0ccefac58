"""Gemini through any reseller, for LlamaIndex.

```python
from llamaindex_gstream import GStream

llm = GStream(model="gemini-2.5-flash", endpoint="juheai")  # the key from JUHEAI_API_KEY
```
"""

from __future__ import annotations

try:
    import llama_index.core.base.llms.types  # noqa: F401 - asked here so that its absence is told in one sentence
except ImportError as error:
    raise ImportError('llamaindex_gstream needs llama-index-core: pip install "gstream[llamaindex]"') from error

from gstream import GStreamError
from llamaindex_gstream.errors import NoToolCallError, StructuredAnswerError
from llamaindex_gstream.llm import GStream

__all__ = ["GStream", "GStreamError", "NoToolCallError", "StructuredAnswerError"]
