"""The GraphQL contract: types, resolvers and the guard in front of them."""
