"""How soon the desk's pages of a full week are seen, in a real browser.

The demo district's busiest week (some 18,000 visits) is served as in production; Chromium opens each page several
times, each time with an empty cache. The first contentful paint counts from the start of the navigation, so the
server's time is in it.

    python -m benchmarks.first_paint

The last line is JSON: visits of the week, then for each page the median and the longest of the first paints.
"""

import argparse
import json
import statistics
from datetime import UTC, datetime, timedelta

from playwright.sync_api import Browser, sync_playwright

from benchmarks.common import record
from benchmarks.load import free_port, process, wait_until_ready
from benchmarks.load_world import prepare, visitors
from scheduler.localtime import local_date, monday_of
from scheduler.store import Store

CHROMIUM = "/usr/bin/chromium"
FIRST_PAINT = """() => new Promise((resolve) => new PerformanceObserver((list) => {
    const found = list.getEntriesByName("first-contentful-paint")[0];
    if (found) resolve(found.startTime);
}).observe({ type: "paint", buffered: true }))"""


def first_paint_ms(browser: Browser, address: str, token: str) -> float:
    """Milliseconds from the start of the navigation to the first text on the screen, nothing cached."""
    context = browser.new_context(viewport={"width": 1366, "height": 800}, locale="zh-CN")
    context.add_cookies([{"name": "sid", "value": token, "url": address}])
    page = context.new_page()
    answer = page.goto(address, wait_until="commit")
    assert answer is not None
    assert answer.status == 200, f"{address}: {answer.status}"
    found = float(page.evaluate(FIRST_PAINT))
    context.close()
    return round(found, 1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--times", type=int, default=7, help="how often each page is opened")
    parser.add_argument("--keep", action="store_true", help="add a line to benchmarks/results")
    options = parser.parse_args()
    now = datetime.now(UTC).replace(microsecond=0)
    path = prepare("district", now=now)
    monday = monday_of(local_date(now)) + timedelta(days=7)
    token = next(person.token for person in visitors(path, now=now, seed=0) if person.staff)
    with Store(path) as store:
        days = {"first": monday.isoformat(), "last": (monday + timedelta(days=6)).isoformat()}
        visits = store.value("SELECT count(*) FROM slots WHERE service_date BETWEEN :first AND :last", days)
    pages = {
        "week": f"/board?week={monday}",
        "week's visits": f"/board/visits?from={monday}&until={monday + timedelta(days=6)}",
        "map": f"/board/map?week={monday}",
        "timeline of a day": f"/board/timeline?from={monday}",
        "today": "/today",
    }
    port, figures = free_port(), {}
    with process("--database", str(path), "serve", "--port", str(port)), sync_playwright() as playwright:
        wait_until_ready(port)
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        for name, address in pages.items():
            found = [first_paint_ms(browser, f"http://127.0.0.1:{port}{address}", token) for _ in range(options.times)]
            figures[name] = {"median_ms": statistics.median(found), "longest_ms": max(found)}
            print(f"{name:<18} median {figures[name]['median_ms']:>7.1f} ms  longest {max(found):>7.1f} ms")
        browser.close()
    line = {"visits": visits, "first_paint": figures}
    if options.keep:
        record("first_paint", **line)
    print(json.dumps(line))


if __name__ == "__main__":
    main()
