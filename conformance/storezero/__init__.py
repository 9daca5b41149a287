"""Storezero: a web shop, its authorization server and its identity provider, over real OpenID Connect.

The reference implementation of the login sessions that the conformance suite judges, written as one would write it for
production and independently of the formal model: it imports nothing else of this distribution. `world` wires the three
parties together, in process or on sockets; `shop` and `provider` are useful alone, against foreign counterparts.

What a reviewer of the rules reads first: `shop_decisions` and `provider_decisions`. Each rule is one small method
there.
"""
