"""Resources that run out, one file per type: the fields a person writes, and the PromQL that measures them."""
