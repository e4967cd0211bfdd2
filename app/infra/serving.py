"""Answering HTTP in this process: its own socket, uvicorn, and an end when a supervisor is gone."""

import asyncio
import os
import socket
from collections.abc import Callable
from typing import Any

import uvicorn

GRACE_SECONDS = 20


class PortTaken(RuntimeError):
    """Somebody else listens there; the message says so to the operator."""


def end_with_parent(stop: Callable[[], None]) -> None:
    """A child of the demo: when the supervisor is gone, go too. The kernel tells (Linux 5.3)."""
    if "LIANLUO_PARENT" not in os.environ:
        return
    parent = int(os.environ["LIANLUO_PARENT"])
    if os.getppid() != parent:
        stop()
        return
    watched = os.pidfd_open(parent)
    asyncio.get_running_loop().add_reader(watched, stop)


def listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except OSError as error:
        listening.close()
        raise PortTaken(f"端口 {port} 已被占用，请用 PORT 换一个。Port {port} is taken: set PORT.") from error
    return listening


async def serve_http(app: Any, listening: socket.socket) -> None:
    config = uvicorn.Config(
        app,
        loop="uvloop",
        http="httptools",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
    server = uvicorn.Server(config)

    def stop() -> None:
        server.should_exit = True

    end_with_parent(stop)
    await server.serve(sockets=[listening])
