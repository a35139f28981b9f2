"""Expressions of rules, wherever they are."""
