"""Builds the web application: settings, security, pages. `create_app(config)` is the only way to get one.

How the pages are made - read this before adding one
----------------------------------------------------
* A **view** parses, calls a use case or a list of `scheduler`, renders: at most 15 lines, no SQL, no rule.
  It lives in `web/staff/` or `web/volunteer/`, in the blueprint of its topic, and names its right:

      @bp.get("/slots/<slot_id>")
      @action("slot.read")                      # must stand in web/policy.py, else create_app fails
      def show(slot_id: str) -> str:
          return render_template("staff/slot.html", slot=staff_lists.slot_page(get_store(), slot_id))

  Ids in addresses are checked before the view runs (policy.URL_IDS): foreign objects answer 404.
* From `web.context`: `get_store()` one connection a request, `now()` the moment of the request, `settings()`,
  `account()`, `actor()` the name for the audit log, `is_partial()` true when htmx wants a fragment.
* Errors of `scheduler.errors` may simply be raised: `web/errors.py` makes a page or problem+json of them.
* Every form that changes something is a `{% call form(url_for(...)) %}` of `parts.html` (or its `post_button`), which
  adds the csrf token and the key that makes it count once; inputs are its `field`, `select` and `choices`. htmx sends
  the token from the body's attribute. Addresses come from `url_for`, never written out.
* Texts: `_("English text")` in code and templates, codes through `web/words.py`; then `python -m web.i18n` and fill in
  the Chinese. Moments: filters `clock`, `day`, `moment`, `weekday`; they follow the reader's language, Shanghai time.
* Templates extend `base.html` (desk) or `phone.html` (volunteer) and use the other macros of `parts.html` too:
  page_head, badge, note, empty, pager, history. CSS: tokens at the top of
  `static/yidu.css` (colours for both themes, sizes, spaces); nothing inline, the content policy forbids it.
* Scripts: small files in `static/`, loaded with `defer`, driven by `data-` attributes; pages work without them.
"""

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from flask import Flask
from flask_openapi import OpenAPI

from scheduler.config import Config
from scheduler.errors import KeyWrong, StoreDamaged
from scheduler.operations.health import Soundness
from scheduler.store import open_store
from scheduler.store.practice import is_practice
from web import api, asked, context, csrf, errors, headers, i18n, once, security, sessions, templating
from web.join import bp as join_bp
from web.public import bp as public_bp
from web.staff import blueprints as staff_blueprints
from web.volunteer import blueprints as volunteer_blueprints

MAX_UPLOAD_BYTES = 6 * 1024 * 1024
STATIC_AGE = timedelta(days=1)


def utc_now() -> datetime:
    """The system's clock, to the second as the store keeps it; the only place where web reads it."""
    return datetime.now(UTC).replace(microsecond=0)


def create_app(config: Config, *, clock: Callable[[], datetime] = utc_now) -> Flask:
    """The application with its database migrated. Raises ConfigError if a route lacks a policy."""
    app: Flask = OpenAPI(__name__, **api.DOCUMENT)
    app.config.update(
        MAX_CONTENT_LENGTH=MAX_UPLOAD_BYTES, SEND_FILE_MAX_AGE_DEFAULT=STATIC_AGE, TRUSTED_HOSTS=_hosts(config)
    )
    app.extensions["yidu_config"], app.extensions["yidu_clock"] = config, clock
    app.extensions["yidu_soundness"] = Soundness(config.database)
    with suppress(StoreDamaged, KeyWrong):  # told by every page until it is put right
        app.extensions["yidu_soundness"].look()
        with open_store(config.database) as store:
            app.extensions["yidu_practice"] = is_practice(store)
    for part in (headers, sessions, api, csrf, i18n, templating, errors):
        part.install(app)
    app.before_request(context.refuse_changes_of_a_damaged_file)
    app.before_request(lambda: security.enforce(app))
    asked.install(app)
    app.teardown_appcontext(context.close_store)
    for blueprint in (public_bp, join_bp, *staff_blueprints, *volunteer_blueprints):
        app.register_blueprint(blueprint)
    api.register(app)
    security.check_policies(app)
    once.install(app)
    return app


def _hosts(config: Config) -> list[str]:
    """Names under which the site may be asked for; any other Host header is refused with 400."""
    public = urlsplit(config.web.public_url).hostname
    return [host for host in (public, config.web.host, "localhost", "127.0.0.1") if host]
