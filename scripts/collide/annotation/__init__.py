"""Human ratings of gradients and rewrites: a blinded sheet to fill in, and prediction-powered means of both diagnostics."""
