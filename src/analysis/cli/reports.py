"""Commands that build reports and open the notebooks."""
