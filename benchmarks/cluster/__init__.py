"""A study on 1,000 workers: the real director, statistics and rules; training and machines in virtual time."""
