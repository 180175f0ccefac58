"""Answers from your own files, read as they come.

    pip install 'gstream[llamaindex]'
    export JUHEAI_API_KEY=...                      # or the key of any other endpoint
    python llamaindex_rag.py notes/ 'Who promised what?'

All files are read for each question, as a Gemini's context window holds many, so no embeddings are needed. For more
text than that put a `VectorStoreIndex` with an embedding model of your choice in place of the `SummaryIndex`.
"""

from __future__ import annotations

import sys

from llama_index.core import SimpleDirectoryReader, SummaryIndex
from llama_index.core.base.response.schema import StreamingResponse

from gstream import GStreamError
from llamaindex_gstream import GStream


def main(folder: str, question: str) -> None:
    """Answer a question from the files of a folder."""
    documents = SimpleDirectoryReader(folder, recursive=True).load_data()
    index = SummaryIndex.from_documents(documents)
    engine = index.as_query_engine(llm=GStream(model="gemini-2.5-flash", max_retries=4), streaming=True)
    response = engine.query(question)
    if isinstance(response, StreamingResponse):
        for text in response.response_gen:
            print(text, end="", flush=True)
    files = sorted({str(node.metadata.get("file_name")) for node in response.source_nodes})
    print(f"\n(from {', '.join(files)})")


if __name__ == "__main__":
    if len(sys.argv) != 3:  # noqa: PLR2004 - the program, a folder, a question
        sys.exit(__doc__)
    try:
        main(sys.argv[1], sys.argv[2])
    except GStreamError as error:
        sys.exit(str(error))
