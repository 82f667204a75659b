"""What is spoken over HTTP beside GraphQL."""
