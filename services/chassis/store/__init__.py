"""The log's storage: one interface, one engine per database."""
