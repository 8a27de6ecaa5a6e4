"""Organisations and the links between them; each act is one transaction with its row in the log."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from scheduler.errors import IllegalMove, InputError, StaleWrite
from scheduler.forms.form import InvalidFields, Mistake, unique_code
from scheduler.forms.references import Directory
from scheduler.localized import LocalizedText
from scheduler.model.ids import new_id
from scheduler.model.people import Organisation, OrganisationLink
from scheduler.places.organisation_form import organisation_form
from scheduler.store import Store, audit
from scheduler.store.directory import codes_in, next_code
from scheduler.store.people import organisation_links, organisations
from scheduler.words import spelling, vocabulary

LINK_KINDS = tuple(vocabulary("organisation_link").words)


@dataclass(frozen=True, slots=True)
class Linked:
    """A link as one of its organisations sees it."""

    id: str
    kind: str
    other: Organisation


def save_organisation(
    store: Store,
    texts: Mapping[str, str],
    *,
    organisation_id: str | None = None,
    revision: int | None = None,
    by: str,
    now: datetime,
    within: set[str] | None = None,
) -> Organisation:
    """A new organisation (no id) or a changed one, from texts by field name: see organisation_form.

    `within`: the areas in which the writer may put it (None: anywhere). Raises InvalidFields, NotFound, and StaleWrite
    if it is not at `revision` any more.
    """
    with store.transaction():
        existing = organisations.get(store, organisation_id) if organisation_id else None
        if existing and revision is not None and existing.revision != revision:
            raise StaleWrite(
                LocalizedText("%(name)s was changed by somebody else meanwhile: load it again", name=existing.name)
            )
        texts = dict(texts)
        if existing is None:
            texts["code"] = texts.get("code") or next_code(store, "organisations")
        taken = codes_in(store, "organisations") - {existing.code if existing else ""}
        made = unique_code(organisation_form(Directory.of(store)), taken).read(texts, existing)
        if within is not None and made.grid_id not in within:
            mine = LocalizedText("a place in your own area")
            raise InvalidFields([Mistake("grid_id", texts.get("grid_id", ""), mine)])
        if any(spelling(o.name) == spelling(made.name) and o.id != made.id for o in organisations.where(store)):
            other = LocalizedText("a name that no other organisation has")
            raise InvalidFields([Mistake("name", made.name, other)])
        made = organisations.save(store, made) if existing else organisations.add(store, made)
        store.touch()
        action = "organisation.change" if existing else "organisation.create"
        audit.record(store, at=now, actor=by, action=action, object_kind="organisation", object_id=made.id)
    return made


def linked_with(store: Store, organisation_id: str) -> list[Linked]:
    """The links of an organisation, by the name of the other one."""
    found = [
        Linked(link.id, link.kind, organisations.get(store, other))
        for link in organisation_links.where(store, "one_id = :id OR other_id = :id", {"id": organisation_id})
        for other in ({link.one_id, link.other_id} - {organisation_id})
    ]
    return sorted(found, key=lambda link: link.other.name)


def link(store: Store, one_id: str, other_id: str, kind: str, *, by: str, now: datetime) -> None:
    """Links two organisations: people of each are preferred for visits where the other one is.

    Raises NotFound, InputError for one and the same, IllegalMove if they are linked already.
    """
    if one_id == other_id:
        raise InputError(LocalizedText("choose two different organisations"))
    with store.transaction():
        one, other = organisations.get(store, one_id), organisations.get(store, other_id)
        if any(known.other.id == other_id for known in linked_with(store, one_id)):
            raise IllegalMove(LocalizedText("%(one)s and %(other)s are linked already", one=one.name, other=other.name))
        organisation_links.add(store, OrganisationLink(new_id(), one_id, other_id, kind))
        store.touch()
        for id in (one_id, other_id):
            audit.record(
                store, at=now, actor=by, action="organisation.linked", object_kind="organisation", object_id=id
            )


def unlink(store: Store, one_id: str, link_id: str, *, by: str, now: datetime) -> None:
    """Ends a link of an organisation; one that has ended already stays so."""
    with store.transaction():
        for known in linked_with(store, one_id):
            if known.id != link_id:
                continue
            organisation_links.remove(store, link_id)
            store.touch()
            for id in (one_id, known.other.id):
                audit.record(
                    store, at=now, actor=by, action="organisation.unlinked", object_kind="organisation", object_id=id
                )
