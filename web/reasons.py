"""The reader's words for what speaks against a person on a visit."""

from typing import Any

from flask_babel import lazy_gettext as _l

REASONS: dict[str, Any] = {
    "not_available": _l("not free at that time"),
    "skill_missing": _l("a needed skill is missing"),
    "blocked": _l("must not be sent to this recipient"),
    "gender_wish": _l("the recipient wishes another gender"),
    "language_wish": _l("does not speak the wished language"),
    "not_known": _l("not known to the recipient"),
    "insurance": _l("not insured"),
    "consent": _l("has not given the needed consent"),
    "age": _l("under the minimum age"),
    "training_expired": _l("a certificate has run out"),
    "kind": _l("this service is for other volunteers"),
    "declined_before": _l("declined this visit before"),
    "inactive": _l("no longer active"),
    "auto_plan": _l("stopped automatic proposals"),
    "too_far": _l("too far away"),
    "busy": _l("already busy then"),
    "caps": _l("own limit reached"),
    "another_visitor": _l("another visitor is there then"),
    "taken_off": _l("staff took this person off"),
    "recipient_inactive": _l("the recipient is no longer on the list"),
    "need_ended": _l("the need has ended"),
    "need_moved": _l("the need was moved or changed"),
    "recipient_moved": _l("the recipient's place has changed"),
    "quiet_hours": _l("in the recipient's quiet hours"),
    "nobody": _l("nobody is suitable"),
    "outside_window": _l("outside the allowed times"),
}
