"""The crash run: mixed load through cut connections while processes and the database are killed."""
