"""What gridcase is compared with: an ordinary FastAPI + SQLModel application that commits once per event.

Same petitions, same classifier, same routing rules, same SQLite file settings (WAL, synchronous=FULL); no streams, no
batches, no sealing, no search table.
"""
