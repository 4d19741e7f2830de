"""What a study of training probes found, as text and as plain values."""
