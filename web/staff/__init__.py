"""The pages of the desk, one module a topic."""

from flask import Blueprint

blueprints: tuple[Blueprint, ...] = ()
