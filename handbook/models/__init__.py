"""The labs' models in NumPy: the reference that the pages' JavaScript must agree with, and what trains them."""
