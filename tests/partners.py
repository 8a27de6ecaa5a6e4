"""The other side of every channel, on loopback: an SMTP server and an HTTP server that check what they are asked."""

import base64
import json
import socketserver
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit


@dataclass
class MailServer:
    """What it has taken, and how it behaves."""

    port: int = 0
    taken: list[Any] = field(default_factory=list)
    refuses: dict[str, str] = field(default_factory=dict)  # recipient → answer
    logins: list[str] = field(default_factory=list)
    login_answer: str = "235 ok"
    silent_seconds: float = 0  # before its greeting
    hangs_up_after_data: int = 0  # so many times it takes a mail and says nothing

    def text(self, number=-1) -> str:
        return self.taken[number].get_content()


class _Smtp(socketserver.StreamRequestHandler):
    def say(self, line):
        self.wfile.write(f"{line}\r\n".encode())

    def handle(self):
        try:
            self.talk(self.server.state)
        except OSError:
            return

    def talk(self, state):
        time.sleep(state.silent_seconds)
        self.say("220 partner ESMTP")
        while line := self.rfile.readline():
            verb, _, rest = line.decode().strip().partition(" ")
            match verb.upper():
                case "EHLO":
                    self.say("250-partner")
                    self.say("250-STARTTLS")
                    self.say("250 AUTH PLAIN")
                case "STARTTLS":
                    self.say("220 go ahead")
                    return  # what follows is no TLS: nobody vouches for this server
                case "AUTH":
                    state.logins.append(base64.b64decode(rest.split()[1]).decode())
                    self.say(state.login_answer)
                case "RCPT":
                    address = rest.partition("<")[2].partition(">")[0]
                    self.say(state.refuses.get(address, "250 ok"))
                case "DATA":
                    self.say("354 go on")
                    lines = []
                    while (text := self.rfile.readline()) != b".\r\n":
                        lines.append(text.removeprefix(b".") if text.startswith(b"..") else text)
                    state.taken.append(message_from_bytes(b"".join(lines), policy=policy.default))
                    if state.hangs_up_after_data:
                        state.hangs_up_after_data -= 1
                        return
                    self.say("250 taken")
                case "QUIT":
                    self.say("221 bye")
                    return
                case _:
                    self.say("250 ok")


@dataclass
class Asked:
    method: str
    path: str
    query: dict[str, str]
    headers: Any
    body: Any


@dataclass
class Provider:
    """What it was asked; `answers(asked)` gives the status, the JSON or bytes, and further headers."""

    answers: Any
    asked: list[Asked] = field(default_factory=list)
    address: str = ""


class _Http(BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def _answer(self):
        parts = urlsplit(self.path)
        content = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        asked = Asked(
            self.command, parts.path, dict(parse_qsl(parts.query)), self.headers, json.loads(content or b"null")
        )
        self.server.state.asked.append(asked)
        status, said, *more = self.server.state.answers(asked)
        said = said if isinstance(said, bytes) else json.dumps(said).encode()
        try:
            self.send_response(status)
            for name, value in (more[0] if more else {}).items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)
        except OSError:
            pass

    do_GET = do_POST = _answer


@contextmanager
def _serving(server, state):
    server.state = state
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield state
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def mail_server(**how):
    """A mail server on loopback, without encryption."""
    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Smtp)
    with _serving(server, MailServer(port=server.server_address[1], **how)) as state:
        yield state


@contextmanager
def provider(answers):
    """An HTTP API on loopback."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Http)
    with _serving(server, Provider(answers, address=f"http://127.0.0.1:{server.server_address[1]}")) as state:
        yield state
