"""Comments that tell slogen lint what is meant so."""
