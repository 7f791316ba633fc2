"""A slow link to a server on this machine, for all that asks through it.

A browser's own brake holds one page, and not what the page has drawn or fetched ahead. This one stands between the two:
each piece is half the round trip on its way, and all connections share the rate. Connections open at once, as further
requests of HTTP/2 do.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

ROUND_TRIP = 0.150  # seconds
DOWN, UP = 1.6e6 / 8, 750e3 / 8  # bytes a second
PIECE = 1460  # bytes: what a packet holds


@dataclass
class Link:
    """What the link does now."""

    last: float = field(default_factory=time.monotonic)  # when something last passed

    def wait_until_still(self, seconds: float, limit: float = 30) -> None:
        """Wait until nothing has passed for some time."""
        end = time.monotonic() + limit
        while time.monotonic() < min(end, self.last + seconds):
            time.sleep(0.02)


class Direction:
    """One direction of the link: every piece waits for those before it, on whichever connection."""

    def __init__(self, link: Link, rate: float) -> None:
        self.link, self.rate, self.free = link, rate, 0.0

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        pieces: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()
        arriving = asyncio.create_task(self._arrive(pieces, writer))
        loop = asyncio.get_running_loop()
        try:
            while piece := await reader.read(PIECE):
                self.free = max(self.free, loop.time()) + len(piece) / self.rate
                pieces.put_nowait((self.free + ROUND_TRIP / 2, piece))
                await asyncio.sleep(max(0, self.free - loop.time()))  # the others' turn
        except ConnectionError:
            pass
        pieces.put_nowait((loop.time(), b""))
        await arriving

    async def _arrive(self, pieces: asyncio.Queue[tuple[float, bytes]], writer: asyncio.StreamWriter) -> None:
        loop = asyncio.get_running_loop()
        while True:
            due, piece = await pieces.get()
            await asyncio.sleep(max(0, due - loop.time()))
            if not piece or writer.is_closing():
                break
            writer.write(piece)
            self.link.last = time.monotonic()
        writer.close()


@contextmanager
def slow_link(url: str) -> Iterator[tuple[str, Link]]:
    """Put the link before a server; yields the address to ask instead of `url`, and the link."""
    address = urlsplit(url)
    link, loop = Link(), asyncio.new_event_loop()
    down, up = Direction(link, DOWN), Direction(link, UP)

    async def connect(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection(address.hostname, address.port)
        await asyncio.gather(up.carry(reader, far_writer), down.carry(far_reader, writer))

    server = loop.run_until_complete(asyncio.start_server(connect, "127.0.0.1", 0))
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}{address.path}", link
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        server.close()
