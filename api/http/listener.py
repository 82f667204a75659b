"""The socket of a local server: loopback alone, on a port that may be left to the system."""

import os
import socket
from pathlib import Path


def listen(port: int, host: str = "127.0.0.1") -> socket.socket:
    """Open a listening socket; port 0 lets the system pick one."""
    # Named TCP, or asyncio leaves Nagle's algorithm on and every answer waits 40 ms.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((host, port))
    listener.listen(1024)
    return listener


def announce_port(listener: socket.socket, port_file: Path | None) -> int:
    """Tell the port, and write it to a file for whoever waits for it."""
    port: int = listener.getsockname()[1]
    if port_file is not None:
        # Whoever waits for the file must never read half a number.
        draft = port_file.with_name(port_file.name + ".draft")
        draft.write_text(str(port))
        os.replace(draft, port_file)
    return port
