"""Serving the application: gunicorn where it exists (Linux), waitress elsewhere and for the demo."""

import sys
from collections.abc import Callable
from typing import Any

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from scheduler.config import Config
from web.app import create_app

WORKERS, THREADS = 2, 4
SWITCH_S = 0.001  # a long page gives way after a millisecond, else each query of the others waits 5 ms for it
GUNICORN: dict[str, Any] = {
    "workers": WORKERS,
    "worker_class": "gthread",
    "threads": THREADS,
    "control_socket_disable": True,
    "max_requests": 5000,
    "max_requests_jitter": 500,
    "graceful_timeout": 30,
    "loglevel": "warning",
}
WAITRESS: dict[str, Any] = {"threads": 16, "connection_limit": 1000, "channel_timeout": 15}


def served(app: Flask, config: Config) -> Flask:
    """Keeps a connection for each thread, and believes exactly as many X-Forwarded hops as the settings name.

    By default none are believed, so none can be forged.
    """
    app.config["KEEP_CONNECTIONS"] = True  # threads live as long as the server
    sys.setswitchinterval(SWITCH_S)
    if config.web.proxies:
        n = config.web.proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=n, x_proto=n, x_host=n)
    return app


def with_waitress(config: Config, *, started: Callable[[], None] = lambda: None) -> None:
    """Serves until stopped, in this process."""
    from waitress import create_server

    app = served(create_app(config), config)
    server = create_server(app, host=config.web.host, port=config.web.port, ident="", **WAITRESS)
    started()
    server.run()


def with_gunicorn(config: Config) -> None:
    """Serves until stopped, in worker processes that are replaced now and then."""
    from gunicorn.app.base import BaseApplication

    class Server(BaseApplication):
        def load_config(self) -> None:
            self.cfg.set("bind", f"{config.web.host}:{config.web.port}")
            for name, value in GUNICORN.items():
                self.cfg.set(name, value)

        def load(self) -> Flask:
            return served(create_app(config), config)

    create_app(config)  # a wrong setting or a missing policy is told once, here, and not by every worker
    Server().run()
