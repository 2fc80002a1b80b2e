"""Statistics for rates of hips within people: arrays in, numbers out."""
