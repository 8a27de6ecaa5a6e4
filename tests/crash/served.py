"""The pages as they are served, on a free port, at the time of the made-up district: served.py DATABASE MOMENT.

Imports nothing that `yidu serve` does not import, so that its start takes as long.
"""

import sys
from datetime import datetime
from pathlib import Path

from waitress import create_server

from scheduler.config import load_config
from web.app import create_app
from web.serve import WAITRESS, served

if __name__ == "__main__":
    config = load_config().model_copy(update={"database": Path(sys.argv[1])})
    now = datetime.fromisoformat(sys.argv[2])
    server = create_server(served(create_app(config, clock=lambda: now), config), host="127.0.0.1", port=0, **WAITRESS)
    print("ready", server.effective_port, flush=True)
    server.run()
