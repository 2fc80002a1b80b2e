"""Many hips: counts, rates and comparisons."""
