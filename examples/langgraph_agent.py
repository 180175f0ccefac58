"""An agent that calls tools, remembers the conversation, and shows its answer as it comes.

    pip install 'gstream[langchain]' langchain
    export SHUYOU_API_KEY=...                      # or the key of any other endpoint
    python langgraph_agent.py 'What is the weather in Paris, and convert 20 euros?' 'And in Rome?'

Each argument is one turn of the same conversation.
"""

from __future__ import annotations

import sys

from langchain.agents import create_agent
from langchain_core.messages import AIMessageChunk, HumanMessage, ToolMessage
from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.memory import InMemorySaver

from gstream import GStreamError
from langchain_gstream import ChatGStream


def get_weather(city: str) -> str:
    """Tell the weather in a city."""
    return f"{city}: 21 degrees and sunny"


def convert_currency(amount: float, currency: str) -> str:
    """Convert an amount of euros to another currency."""
    return f"{amount} euros are {amount * 160} {currency}"


def main(questions: list[str]) -> None:
    """Ask the questions one after the other."""
    model = ChatGStream(model="gemini-2.5-flash", max_retries=4)
    agent = create_agent(model, [get_weather, convert_currency], checkpointer=InMemorySaver())
    config = RunnableConfig(configurable={"thread_id": "1"})
    for question in questions:
        print(f"> {question}")
        for message, _ in agent.stream({"messages": [HumanMessage(question)]}, config, stream_mode="messages"):
            if isinstance(message, ToolMessage):
                print(f"[{message.name}] {message.content}")
            elif isinstance(message, AIMessageChunk):
                print(message.text, end="", flush=True)
        print()


if __name__ == "__main__":
    try:
        main(sys.argv[1:] or ["What is the weather in Paris?"])
    except GStreamError as error:
        sys.exit(str(error))
