"""Accounts."""

from scheduler.model.accounts import Account
from scheduler.store.repository import Repository

accounts = Repository("accounts", Account)
