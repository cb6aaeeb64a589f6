"""The engine: detection, geography, claims, protests, correlation, and the Faust agents that drive them."""
