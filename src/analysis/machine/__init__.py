"""What is asked of the machine: files put in place whole or not at all, and processes kept together."""
