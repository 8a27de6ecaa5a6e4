"""JSON over HTTPS to the providers: no redirects, a time for every answer, and the tokens they hand out."""

import json
import time
from collections.abc import Callable, Mapping
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from scheduler.errors import DeliveryError
from scheduler.localized import LocalizedText

SECONDS = 10.0  # the longest wait for an answer
LARGEST = 1_000_000
SPARE_SECONDS = 300  # a token is renewed so long before it ends

_tokens: dict[tuple[str, ...], tuple[str, float]] = {}


def ask(
    base: str,
    method: str,
    path: str,
    *,
    query: Mapping[str, str] | None = None,
    body: Any = None,
    headers: Mapping[str, str] | None = None,
    seconds: float = SECONDS,
) -> dict[str, Any]:
    """The JSON object that a provider answers, also where it is about a refusal.

    Raises DeliveryError if nothing came in time, if the provider is busy or wants to be left alone for a while, and for
    an answer that is no such object.
    """
    parts = urlsplit(base)
    connect = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    connection = connect(parts.hostname or "", parts.port, timeout=seconds)
    sent = None if body is None else json.dumps(body, ensure_ascii=False).encode()
    kind = {} if body is None else {"Content-Type": "application/json; charset=utf-8"}
    try:
        address = path + (f"?{urlencode(query, quote_via=quote)}" if query else "")
        connection.request(method, address, sent, {**kind, **(headers or {})})
        answer = connection.getresponse()
        status, wait, content = answer.status, answer.getheader("Retry-After", ""), answer.read(LARGEST)
    except (OSError, HTTPException) as error:
        raise DeliveryError(
            LocalizedText("%(host)s did not answer: %(error)s", host=parts.hostname, error=error), down=True
        ) from error
    finally:
        connection.close()
    if status == 429 or status >= 500:
        raise DeliveryError(
            LocalizedText("%(host)s is busy (%(status)s)", host=parts.hostname, status=status),
            wait=float(wait) if wait.isdecimal() else 0,
            down=True,
        )
    try:
        found = json.loads(content)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise DeliveryError(
            LocalizedText("%(host)s answered something else (%(status)s)", host=parts.hostname, status=status)
        )
    return found


def token_of(key: tuple[str, ...], fetch: Callable[[], tuple[str, int]], *, anew: bool = False) -> str:
    """The provider's token for `key`, fetched (with its seconds) when there is none, it ends soon, or `anew`."""
    token, until = _tokens.get(key, ("", 0.0))
    if anew or time.monotonic() >= until:
        token, seconds = fetch()
        _tokens[key] = token, time.monotonic() + seconds - SPARE_SECONDS
    return token


def refused(provider: str, code: object, said: object, *, permanent: bool = False) -> DeliveryError:
    """The provider's refusal, in its own words."""
    return DeliveryError(
        LocalizedText("%(provider)s refused it: %(code)s %(said)s", provider=provider, code=code, said=str(said)[:200]),
        permanent=permanent,
    )
