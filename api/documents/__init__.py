"""Documents for people outside: statements as JSON, CSV, XLSX and PDF, in English and Arabic."""
