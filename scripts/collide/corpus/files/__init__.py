"""Files of data sets: reading, decompressing and decoding them, and parsing their records."""
