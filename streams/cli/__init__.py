"""The `shutdowns` command."""
