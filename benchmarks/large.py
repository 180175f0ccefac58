"""Cost of one large event: it must grow with its size alone, however the bytes are cut."""

from __future__ import annotations

import json
import sys
import time

from gstream import StreamDecoder

ROUNDS = 5
MEBIBYTE = 1 << 20


def event(size: int) -> bytes:
    """Return a document with an image of `size` characters of base64."""
    image = {"inlineData": {"mimeType": "image/png", "data": "A" * size}}
    return json.dumps({"candidates": [{"content": {"parts": [image]}, "finishReason": "STOP"}]}).encode()


def seconds(body: bytes, piece: int) -> float:
    """Return the CPU seconds that decoding `body` in pieces of `piece` bytes takes, the least of some rounds."""
    least = float("inf")
    for _ in range(ROUNDS):
        start = time.process_time()
        decoder = StreamDecoder()
        for position in range(0, len(body), piece):
            decoder.feed(body[position : position + piece])
        decoder.close()
        least = min(least, time.process_time() - start)
    return least


def main() -> None:
    """Measure and print a table: 20 MiB in pieces of 1 KiB against 10 MiB in pieces of 64 KiB."""
    small, large = event(10 * MEBIBYTE), event(20 * MEBIBYTE)
    out = sys.stdout.write
    out(f"{'one event':24}{'10 MiB ms':>11}{'20 MiB ms':>11}{'ratio':>9}\n")
    for name, lead, end in (("server-sent events", b"data: ", b"\r\n\r\n"), ("JSON array", b"[", b"\n]")):
        few = seconds(lead + small + end, 64 * 1024)
        many = seconds(lead + large + end, 1024)
        out(f"{name:24}{few * 1e3:11.0f}{many * 1e3:11.0f}{many / few:9.2f}\n")


if __name__ == "__main__":
    main()
