"""Serving the application: a few waitress processes on one listening socket, watched by the process that began them.

Waitress reads every request in its main loop and hands it to a thread only when all of it is there, so a connection
that is slow, on purpose or not, costs a file descriptor and no thread.
"""

import gc
import logging
import multiprocessing
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable
from multiprocessing.connection import wait
from multiprocessing.process import BaseProcess
from typing import Any

from flask import Flask
from waitress import create_server, wasyncore
from waitress.channel import HTTPChannel
from waitress.task import ThreadedTaskDispatcher
from werkzeug.middleware.proxy_fix import ProxyFix

from scheduler.config import Config
from scheduler.errors import ConfigError
from scheduler.localized import LocalizedText
from scheduler.store.in_use import InUse
from web import aside
from web.app import MAX_UPLOAD_BYTES, create_app
from web.aside import Aside

PROCESSES = 3
SWITCH_S = 0.005  # a millisecond costs more in changes of thread than it saves in waiting
RECEIVE_S = 60.0  # a request that is not whole by then is not waited for, even if a byte still comes now and then
GRACE_S = 30.0  # for the answers under way when the server is stopped
WATCH_S = 0.5
WAITRESS: dict[str, Any] = {
    "threads": 2,  # more of them quarrel over the interpreter: eight answer 125 requests a second where two answer 150
    "connection_limit": 1000,
    "channel_timeout": 15,
    "max_request_header_size": 64 * 1024,
    "max_request_body_size": MAX_UPLOAD_BYTES + 2 * 1024 * 1024,  # a little too much still gets the page that says so
    "inbuf_overflow": 64 * 1024,  # bodies beyond wait on disk: a thousand of them would fill the memory
    "asyncore_use_poll": True,  # select() knows no more than 1024 descriptors
    "clear_untrusted_proxy_headers": False,  # ProxyFix alone decides whom to believe
    "ident": "",
}

log = logging.getLogger("yidu.web")


def serve(config: Config, *, processes: int = PROCESSES, started: Callable[[], None] = lambda: None) -> None:
    """Serves until SIGTERM or SIGINT; answers under way are given first. A process that dies is replaced.

    Raises ConfigError if the address cannot be listened on.
    """
    app = served(create_app(config), config)
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    over, watcher, beside = threading.Event(), os.getpid(), Aside(app)

    def is_over() -> bool:
        return over.is_set() or os.getppid() != watcher

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: over.set())  # the processes begun below inherit it
    with listening(config) as door:
        started()
        gc.freeze()  # what all processes share is never looked through again
        gc.set_threshold(20_000)
        pages = [lambda: answer(beside, door, is_over)] * processes
        keep_running([*pages, lambda: beside.work(is_over)], over)


def served(app: Flask, config: Config) -> Flask:
    """Keeps a connection for each thread, and believes exactly as many X-Forwarded hops as the settings name.

    By default none are believed, so none can be forged.
    """
    app.config["KEEP_CONNECTIONS"] = True  # threads live as long as the server
    app.extensions["yidu_in_use"] = InUse(config.database)  # held between the requests too
    sys.setswitchinterval(SWITCH_S)
    if config.web.proxies:
        n = config.web.proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=n, x_proto=n, x_host=n)  # type: ignore[method-assign]
    return app


def listening(config: Config) -> socket.socket:
    """The socket on which all processes accept."""
    host, port = config.web.host, config.web.port
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        return socket.create_server((host, port), family=family, backlog=1024)
    except OSError as error:
        raise ConfigError(
            LocalizedText(
                "%(host)s:%(port)s cannot be listened on (%(strerror)s): choose another --port or stop the "
                "program that has it",
                host=host,
                port=port,
                strerror=error.strerror,
            )
        ) from error


def keep_running(works: list[Callable[[], None]], over: threading.Event) -> None:
    """Keeps a process at each work until it is over; then waits for them."""
    fork = multiprocessing.get_context("fork")
    running: dict[int, BaseProcess] = {}
    while not over.is_set():
        for number, work in enumerate(works):
            if number not in running:
                running[number] = fork.Process(target=work)
                running[number].start()
        wait([process.sentinel for process in running.values()], timeout=WATCH_S)
        for number, process in list(running.items()):
            if not process.is_alive():
                del running[number]
                log.error("a process of the pages ended with status %s and is replaced", process.exitcode)
                over.wait(WATCH_S)  # one that cannot even start does not take a core
    for process in running.values():
        process.terminate()
    deadline = time.monotonic() + GRACE_S + 1
    for process in running.values():
        process.join(max(0.0, deadline - time.monotonic()))
        process.kill()


class Tasks(ThreadedTaskDispatcher):
    """Hands whole requests to threads: those for the process beside to threads that do nothing but wait for it."""

    def __init__(self, beside: Aside) -> None:
        super().__init__()
        self.beside, self.waiting = beside, ThreadedTaskDispatcher()
        self.waiting.set_thread_count(aside.THREADS)

    def add_task(self, task: Any) -> None:
        request = task.requests[0]
        if not request.error and self.beside.is_dear(request.command, request.path):
            self.waiting.add_task(task)
        else:
            super().add_task(task)


class Channel(HTTPChannel):
    """A connection on which each request has to be whole in time; idle ones are closed by channel_timeout."""

    began = 0.0

    def received(self, data: bytes) -> bool:
        if self.request is None:
            self.began = time.monotonic()
        taken = bool(super().received(data))
        if self.request is not None and time.monotonic() - self.began > RECEIVE_S:
            self.will_close = True
        return taken


def answer(beside: Aside, door: socket.socket, over: Callable[[], bool]) -> None:
    """One process's work: requests until it is over, then the answers that were begun."""

    def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
        is_dear = beside.is_dear(environ["REQUEST_METHOD"], environ["PATH_INFO"])
        return (beside.hand_over if is_dear else beside.app)(environ, start_response)

    connections: dict[int, Any] = {}
    tasks = Tasks(beside)
    tasks.set_thread_count(WAITRESS["threads"])
    server = create_server(application, map=connections, sockets=[door], _dispatcher=tasks, **WAITRESS)
    server.channel_class = Channel
    while not over():
        wasyncore.loop(timeout=WATCH_S, use_poll=True, map=connections, count=1)
    server.accepting = False
    deadline = time.monotonic() + GRACE_S
    while server.active_channels and time.monotonic() < deadline:
        for channel in server.active_channels.values():
            if not channel.requests and not channel.total_outbufs_len:
                channel.will_close = True
        wasyncore.loop(timeout=WATCH_S, use_poll=True, map=connections, count=1)
