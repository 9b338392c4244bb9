"""What a report is made of, in plain Python: periods, figures, the matrix, its layout and its Excel file. Imports no odoo."""
