"""Workbooks in and out, calendar feeds."""
