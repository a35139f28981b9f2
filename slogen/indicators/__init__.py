"""SLI types, one file each: the fields a person writes, and the PromQL that counts events."""
