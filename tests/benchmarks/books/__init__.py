"""Figures of the ledger: how fast its books are written, read and verified, and at what bound."""
