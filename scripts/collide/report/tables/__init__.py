"""Tables of the paper: each module holds entries (`KINDS`) and the function that builds them."""
