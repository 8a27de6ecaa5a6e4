"""The volunteer's pages: made for a phone of 360 px, usable without JavaScript."""

from web.volunteer import asks, contact, free, links, own_pages, sentences, visits

blueprints = (visits.bp, asks.bp, contact.bp, free.bp, own_pages.bp, links.bp)

for name, function in {**sentences.FUNCTIONS, **asks.FUNCTIONS}.items():
    visits.bp.add_app_template_global(function, name)
