"""The preview while writing: each page is rendered when it is asked for, so its size costs a handbook next to nothing.

`book` renders a page through MkDocs, as what is published; `server` answers the browser, from the first moment on;
`follow` looks at the files, has saved pages checked, and makes what takes longer: the diagrams and the search.
"""

from __future__ import annotations

import signal
import sys
import webbrowser

from handbook.preview.follow import Follower
from handbook.preview.server import Server


def serve(port: int, *, open_browser: bool) -> int:
    """Serve the handbook until the user stops it; returns an exit code."""
    try:
        server = Server(port)
    except OSError as error:
        print(f"can't serve on port {port}: {error.strerror}; choose another: make serve PORT=8001", file=sys.stderr)
        return 2
    print(f"Reading the handbook; it opens at {server.address} ...", flush=True)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    if open_browser:
        webbrowser.open(server.address)
    follower = Follower(server)
    try:
        follower.run()
    except KeyboardInterrupt:
        return 0
    finally:
        follower.stop()
        server.stop()
