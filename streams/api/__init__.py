"""HTTP for downstream services and people: the events as they are now, their history, a stream, a page, a form."""
