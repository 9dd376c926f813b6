"""What the pipeline's scripts share: judging, optimizing and reporting, one concept a module."""
