"""The bank: where value is; it knows owners only by kind and id."""
