"""Run a notebook's cells: papermill, its engine, and the forks of a warm process that make it fast."""
