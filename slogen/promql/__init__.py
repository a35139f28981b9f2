"""Everything slogen knows about PromQL as a language: reading it, quoting into it, pointing into it."""
