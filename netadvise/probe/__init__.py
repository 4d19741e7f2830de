"""Short paired trainings of what an edit would change, and what may be concluded from them."""
