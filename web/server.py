"""The HTTP server around the application: gunicorn where it runs (Linux), else waitress."""

from typing import Any

from scheduler.config import Config
from web.app import create_app

THREADS = 8
GUNICORN = {
    "worker_class": "gthread",
    "threads": THREADS,
    "graceful_timeout": 30,
    "max_requests": 5000,
    "max_requests_jitter": 500,
    "control_socket_disable": True,
    "loglevel": "warning",
}


def run(config: Config, *, workers: int) -> None:
    """Answers until the process is told to end."""
    try:
        from gunicorn.app.base import BaseApplication
    except ImportError:
        import waitress

        waitress.serve(
            create_app(config), host=config.web.host, port=config.web.port, threads=32, connection_limit=1000,
            channel_timeout=15,
        )  # fmt: skip
        return

    class Application(BaseApplication):  # type: ignore[misc]
        def load_config(self) -> None:
            settings = GUNICORN | {"bind": f"{config.web.host}:{config.web.port}", "workers": workers}
            for name, value in settings.items():
                if name in self.cfg.settings:
                    self.cfg.set(name, value)

        def load(self) -> Any:
            return create_app(config)

    create_app(config)  # a wrong setting or route stops here, with one sentence, and not in each worker
    Application().run()
