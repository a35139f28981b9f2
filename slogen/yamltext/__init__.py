"""YAML text to plain data and the place of everything in it; knows no specs and opens no files."""
