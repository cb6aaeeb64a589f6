"""Telling others: every change to a webhook, or a digest of a stretch of time as an e-mail."""
