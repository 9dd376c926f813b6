"""Evaluation of a judge beyond the pooled correlation: by document and by system, errors, halo, calibration and retest."""
