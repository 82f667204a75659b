"""The door: speaks HTTP, GraphQL and the command line; opens transactions; decides nothing."""
