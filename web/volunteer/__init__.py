"""The volunteer's pages: made for a phone of 360 px, usable without JavaScript."""

from web.volunteer import asks, free, links, mine, phrases, visits

blueprints = (visits.bp, asks.bp, free.bp, mine.bp, links.bp)

visits.bp.app_context_processor(lambda: phrases.FUNCTIONS)
