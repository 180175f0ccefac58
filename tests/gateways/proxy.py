"""LiteLLM's proxy as a process on loopback, and the emulator behind it.

The proxy comes from an environment of its own (`.venv-gateways`, made by `make test-gateways`), so that nothing here
imports it. It keeps no database, asks nobody but the emulator, and is ended by its process id. It is given one upstream
address when it starts; each test listens there with an emulator of its own.
"""

from __future__ import annotations

import json
import os
import secrets
import socket
import subprocess
import time
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

import httpx

from gstream.emulator import Emulator
from gstream.endpoints import resolve

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gstream import Endpoint

__all__ = ["ROUTES", "Gateway", "Route", "Upstream", "litellm"]

Route: TypeAlias = Literal["native", "passthrough"]
ROUTES: Final[dict[Route, str]] = {"native": "", "passthrough": "/gemini"}
"""Where the proxy speaks Gemini -> the path in front of `/v1beta`. The native route reads every request and writes it
anew, the pass-through route hands bytes on."""

PROGRAM: Final = Path(
    os.environ.get("GSTREAM_LITELLM") or Path(__file__).parents[2] / ".venv-gateways" / "bin" / "litellm"
)
"""The proxy's program; `GSTREAM_LITELLM` names another one."""
_START_S: Final = 120.0
_LOOK_S: Final = 0.25
_END_S: Final = 20.0
_LOG_TAIL: Final = 3_000
_OFFLINE: Final = (
    "LITELLM_LOCAL_ANTHROPIC_BETA_HEADERS",
    "LITELLM_LOCAL_AUTOROUTER_PRESETS",
    "LITELLM_LOCAL_BLOG_POSTS",
    "LITELLM_LOCAL_MODEL_COST_MAP",
    "LITELLM_LOCAL_POLICY_TEMPLATES",
)
"""Each keeps the proxy from downloading one list when it starts."""


@dataclass(frozen=True)
class Gateway:
    """A running proxy."""

    url: str
    """Scheme, host and port."""
    key: str
    """The one key that it takes."""
    upstream_port: int
    """The port on loopback where it looks for Google."""
    upstream_key: str
    """The key that it shows there."""


class Upstream(Emulator):
    """Google's dialect where the proxy looks for it; its address and key, as clients are given them, are the proxy's.

    Args:
        gateway: the proxy in front.
        route: by which route of the proxy clients come.
        options: further parameters of `Emulator`.
    """

    def __init__(self, gateway: Gateway, route: Route, **options: Any) -> None:
        super().__init__("google", port=gateway.upstream_port, api_key=gateway.upstream_key, **options)
        self.route = route
        self.upstream_key = gateway.upstream_key
        self.api_key = gateway.key
        self._front = f"{gateway.url}{ROUTES[route]}"

    @property
    def base_url(self) -> str:
        """What `base_url=` takes: the proxy's route."""
        return self._front

    @property
    def endpoint(self) -> Endpoint:
        """What `base_url` alone becomes."""
        return resolve(base_url=self._front, api_key=self.api_key).endpoint


@contextmanager
def litellm(folder: Path) -> Iterator[Gateway]:
    """Run the proxy; its settings and its log lie in `folder`.

    Raises:
        RuntimeError: it is not installed, ended, or was not ready in time; with the end of its log.
    """
    if not PROGRAM.exists():
        raise RuntimeError(f"{PROGRAM} is not here: run `make test-gateways`, which installs it.")
    port, upstream_port = _free_ports(2)
    gateway = Gateway(
        f"http://127.0.0.1:{port}",
        f"sk-made-up-{secrets.token_hex(8)}",
        upstream_port,
        f"made-up-{secrets.token_hex(8)}",
    )
    settings = folder / "litellm.json"
    settings.write_text(json.dumps(_settings(upstream_port)), encoding="utf-8")
    log = folder / "litellm.log"
    with ExitStack() as running:
        process = running.enter_context(
            subprocess.Popen(
                [PROGRAM, "--config", settings, "--host", "127.0.0.1", "--port", str(port)],
                stdout=running.enter_context(log.open("wb")),
                stderr=subprocess.STDOUT,
                cwd=folder,
                env=_environment(gateway, folder),
            )
        )
        running.callback(_end, process)
        _wait_until_ready(process, gateway.url, log)
        yield gateway


def _settings(upstream_port: int) -> dict[str, Any]:
    """Return the proxy's settings (JSON is YAML): any model, one place, one attempt."""
    place = {
        "model": "gemini/*",
        "api_base": f"http://127.0.0.1:{upstream_port}/v1beta",
        "api_key": "os.environ/GEMINI_API_KEY",
    }
    return {
        "model_list": [{"model_name": "*", "litellm_params": place}],
        "general_settings": {"master_key": "os.environ/LITELLM_MASTER_KEY"},
        # With its own retries or pauses a fault would not be what the test makes of it.
        "router_settings": {"num_retries": 0, "disable_cooldowns": True},
        "litellm_settings": {"telemetry": False},
    }


def _environment(gateway: Gateway, folder: Path) -> dict[str, str]:
    """Return all that the proxy knows of the world: no key and no setting of whoever runs this."""
    return {
        "PATH": os.environ.get("PATH", ""),
        "HOME": str(folder),
        "LITELLM_MASTER_KEY": gateway.key,
        "LITELLM_MODE": "PRODUCTION",  # reads no .env file
        "LITELLM_LOG": "ERROR",
        "GEMINI_API_KEY": gateway.upstream_key,
        "GEMINI_API_BASE": f"http://127.0.0.1:{gateway.upstream_port}",
        **dict.fromkeys(_OFFLINE, "True"),
    }


def _free_ports(count: int) -> list[int]:
    """Return ports that nobody listens on, all different."""
    with ExitStack() as held:
        sockets = [held.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [int(one.getsockname()[1]) for one in sockets]


def _wait_until_ready(process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    deadline = time.monotonic() + _START_S
    with httpx.Client(base_url=url, timeout=_END_S, trust_env=False) as client:
        while time.monotonic() < deadline:
            try:
                code = process.wait(_LOOK_S)
            except subprocess.TimeoutExpired:
                pass
            else:
                raise RuntimeError(f"the proxy ended with {code} before it was ready:\n{_tail(log)}")
            try:
                if client.get("/health/readiness").status_code == httpx.codes.OK:
                    return
            except httpx.TransportError:
                continue
    raise RuntimeError(f"the proxy was not ready within {_START_S:g} s:\n{_tail(log)}")


def _tail(log: Path) -> str:
    return log.read_text(encoding="utf-8", errors="replace")[-_LOG_TAIL:]


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(_END_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
