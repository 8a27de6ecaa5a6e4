"""A synthetic district to try everything on: made-up people, real rhythms, supply short on purpose."""

from scheduler.demo.load import DemoAccount, DemoSummary, load_demo

__all__ = ["DemoAccount", "DemoSummary", "load_demo"]
