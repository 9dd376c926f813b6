"""The embedded corpus: news articles out of story files, summaries with known defects, and ratings that follow them."""
