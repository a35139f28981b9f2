"""The sections of a service's dashboard, one file each."""
