"""From the sources to HTML, PDF, DOCX, JATS and LaTeX, and a look at what came out."""
