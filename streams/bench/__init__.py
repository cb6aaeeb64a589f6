"""Long runs of the whole system, and whether they stayed flat: `shutdowns bench`.

`world` makes the records, `watch` looks at processes and Kafka from outside, `verdict` judges what was seen and is
pure, `soak` runs them together.
"""
