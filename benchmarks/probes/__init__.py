"""What probes say, held against long training: real runs on small networks. `python -m benchmarks.probes`."""
