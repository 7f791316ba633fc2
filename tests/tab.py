"""A tab of Chromium that may draw pages ahead.

A debugger that attaches to a page keeps Chromium from drawing another one ahead, and Playwright attaches so. This one
attaches to the tab, over the pipe that Chromium offers.
"""

from __future__ import annotations

import itertools
import json
import os
import queue
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

FLAGS = [
    "--headless=new",
    "--no-sandbox",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-extensions",
    "--hide-scrollbars",
    "--no-startup-window",
    "--window-size=1280,900",
    "--remote-debugging-pipe",
]


class Chromium:
    """The browser at the other end of the pipe."""

    def __init__(self, commands: int, answers: int) -> None:
        self.commands, self.answers = os.fdopen(commands, "wb", 0), os.fdopen(answers, "rb")
        self.numbers = itertools.count(1)
        self.waiting: dict[int, tuple[str | None, queue.SimpleQueue[dict[str, Any]]]] = {}  # by the command's number
        self.tabs: dict[str, Tab] = {}  # by the session of the tab or of a page in it
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        text = b""
        while more := self.answers.read1(1 << 16):
            *whole, text = (text + more).split(b"\0")
            for message in map(json.loads, whole):
                if message.get("method") == "Target.detachedFromTarget":
                    self._end(message["params"]["sessionId"])
                if "id" in message:
                    if waiting := self.waiting.pop(message["id"], None):
                        waiting[1].put(message)
                elif tab := self.tabs.get(message.get("sessionId", "")):
                    tab.hear(message["method"], message["params"])

    def _end(self, ended: str) -> None:
        """Answer what nobody will answer: the commands to a page that is gone."""
        for number, (session, answer) in list(self.waiting.items()):
            if session == ended:
                del self.waiting[number]
                answer.put({"error": {"message": "the page is gone"}})

    def post(self, method: str, session: str | None = None, **params: Any) -> Callable[[], dict[str, Any]]:
        """Send a command; returns what waits for its answer."""
        number = next(self.numbers)
        answer: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
        self.waiting[number] = session, answer
        message = {"id": number, "method": method, "params": params, **({"sessionId": session} if session else {})}
        self.commands.write(json.dumps(message).encode() + b"\0")

        def wait() -> dict[str, Any]:
            message = answer.get(timeout=10)
            if "error" in message:
                raise RuntimeError(f"{method}: {message['error']['message']}")
            return message["result"]

        return wait

    def send(self, method: str, session: str | None = None, **params: Any) -> dict[str, Any]:
        return self.post(method, session, **params)()

    @contextmanager
    def tab(self) -> Iterator[Tab]:
        """A tab in a profile of its own."""
        profile = self.send("Target.createBrowserContext")["browserContextId"]
        target = self.send("Target.createTarget", url="about:blank", browserContextId=profile, forTab=True)["targetId"]
        session = self.send("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        tab = self.tabs[session] = Tab(self)
        self.send("Target.setAutoAttach", session, autoAttach=True, waitForDebuggerOnStart=True, flatten=True)
        while not tab.pages:
            time.sleep(0.01)
        try:
            yield tab
        finally:
            self.send("Target.disposeBrowserContext", browserContextId=profile)


class Tab:
    """A tab: the page that shows, and those that are drawn ahead."""

    def __init__(self, chromium: Chromium) -> None:
        self.chromium = chromium
        self.pages: list[str] = []  # the session that shows is the first
        self.events: list[tuple[str, dict[str, Any]]] = []

    def hear(self, method: str, params: dict[str, Any]) -> None:
        self.events.append((method, params))
        if method == "Target.attachedToTarget":
            session = params["sessionId"]
            self.chromium.tabs[session] = self
            self.pages.append(session)
            self.chromium.post("Network.enable", session)
            self.chromium.post("Runtime.runIfWaitingForDebugger", session)
        elif method == "Target.detachedFromTarget" and params["sessionId"] in self.pages:
            self.pages.remove(params["sessionId"])

    def send(self, method: str, **params: Any) -> dict[str, Any]:
        return self.chromium.send(method, self.pages[0], **params)

    def open(self, url: str) -> None:
        self.send("Page.navigate", url=url)
        self.wait_for("location.href !== 'about:blank' && document.readyState === 'complete'", limit=30)

    def evaluate(self, expression: str) -> Any:
        result = self.send("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in result:
            raise RuntimeError(result["exceptionDetails"]["exception"]["description"])
        return result["result"].get("value")

    def wait_for(self, expression: str, limit: float = 10) -> Any:
        """Ask until the answer is true; a page that goes away meanwhile is no error."""
        end = time.monotonic() + limit
        while time.monotonic() < end:
            try:
                if value := self.evaluate(expression):
                    return value
            except (RuntimeError, IndexError):
                pass
            time.sleep(0.03)
        raise TimeoutError(expression)

    def mouse(self, kind: str, x: float, y: float) -> None:
        """Move or press; a click may end the page before it is answered."""
        button = {} if kind == "mouseMoved" else {"button": "left", "clickCount": 1}
        self.chromium.post("Input.dispatchMouseEvent", self.pages[0], type=kind, x=x, y=y, **button)


@contextmanager
def chromium(path: str) -> Iterator[Chromium]:
    """Start a browser, and end it."""
    theirs_in, ours_out = os.pipe()
    ours_in, theirs_out = os.pipe()

    def connect() -> None:  # the pipe is at 3 and 4
        read, write = os.dup(theirs_in), os.dup(theirs_out)
        os.dup2(read, 3)
        os.dup2(write, 4)

    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        process = subprocess.Popen(
            [path, *FLAGS, f"--user-data-dir={profile}"],
            preexec_fn=connect,  # noqa: PLW1509 - it only moves two numbers
            close_fds=False,
            stderr=subprocess.DEVNULL,
        )
        os.close(theirs_in)
        os.close(theirs_out)
        browser = Chromium(ours_out, ours_in)
        try:
            yield browser
            browser.send("Browser.close")
        finally:
            process.terminate()
            process.wait()
