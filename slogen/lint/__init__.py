"""Mistakes in specs and in files of rules: what a lint rule may look at, and how what it finds is told."""
