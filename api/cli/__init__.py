"""The command `mizan`: each group of commands in a file of its own."""
