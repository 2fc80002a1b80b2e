"""What a reader sees of an executed notebook: one document, as an HTML page and as a PDF."""
