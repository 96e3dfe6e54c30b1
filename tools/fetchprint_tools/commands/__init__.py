"""One module a subcommand; each gives ``command``, a ``click.Command``."""
