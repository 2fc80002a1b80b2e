"""From an executed notebook to a page and a paper, and from a study to all its reports."""
