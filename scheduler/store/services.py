"""The catalogue, needs and slots."""

from scheduler.model.services import Need, ServiceType, Slot
from scheduler.store.repository import Repository

service_types = Repository("service_types", ServiceType, key="code")
needs = Repository("needs", Need)
slots = Repository("slots", Slot)
