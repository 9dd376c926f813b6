"""The document of all exhibits: first page, page layout, appendices of prompts, and LaTeX. Without LaTeX it is left out."""
