from tests.scheduler.promises.conftest import config, store

__all__ = ["config", "store"]
