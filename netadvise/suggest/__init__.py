"""From hits with edits, and what trying them came to, to ranked suggestions. No torch, and nothing is run here."""
