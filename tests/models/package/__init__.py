"""A package whose model imports its parts relatively."""
