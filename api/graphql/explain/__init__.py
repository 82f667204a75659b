"""Explaining an amount: what it follows from and what followed from it."""

from api.graphql.explain import explanation

QUERIES: tuple[type, ...] = (explanation.Query,)
MUTATIONS: tuple[type, ...] = ()
TYPES: tuple[type, ...] = ()
