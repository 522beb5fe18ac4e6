"""Generated from proto/ by client/python/generate: the wire contract of the data plane."""
