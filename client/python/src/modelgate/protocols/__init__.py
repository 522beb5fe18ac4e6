"""Copied from client/protocols by client/python/generate: the protocols that a protection document may name."""
