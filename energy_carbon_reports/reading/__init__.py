"""Reads a report's figures out of the database with the reader's own rights, never with sudo. Knows no layout."""
