"""An output folder that can be trusted: files placed whole, manifests, the journal, the index, and their check."""
