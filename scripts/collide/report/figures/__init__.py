"""Figures of the paper: each module holds registry entries (`EXHIBITS`) and the function that draws them."""
