"""One hip: its criteria, class, change, response and care."""
