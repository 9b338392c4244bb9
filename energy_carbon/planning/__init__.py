"""What indicators and formulas a plant needs: plain Python, worked out from masters alone.

Knows nothing of Odoo, of databases, of the screen, or of any figure. ``plant`` says what is there, ``proposal`` what is
proposed, ``sources`` which amounts make a node's amount, ``reach`` whether energy would be counted twice, ``builder`` goes
through the tree bottom-up.
"""
