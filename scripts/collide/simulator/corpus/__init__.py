"""The embedded corpus: articles from story files, summaries with known defects, and ratings that follow the defects."""
