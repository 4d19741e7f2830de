"""Run the user's model once and write down what happened: the only package, beside `probe`, that imports torch."""
