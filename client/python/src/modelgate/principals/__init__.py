"""Who calls: what `principal` and `acting-through` of a protection document say."""

from modelgate.principals._call import Call, Caller, Credential, Link, UnprovenError
from modelgate.principals._principals import Principals

__all__ = ["Call", "Caller", "Credential", "Link", "Principals", "UnprovenError"]
