"""From `form-reports` to `reports`: checked, and many at once."""
