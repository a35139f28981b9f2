"""`python -m slogen`."""

from slogen.cli import main

main(prog_name="slogen")
