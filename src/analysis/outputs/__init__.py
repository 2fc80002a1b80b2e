"""Results as files: exports, JSON documents, Parquet folders."""
