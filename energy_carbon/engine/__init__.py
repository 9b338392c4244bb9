"""The calculation engine: plain Python and numpy. It knows nothing of Odoo, of databases or of the screen.

One idea a file: ``calendar`` (energy days and slots), ``counter`` (what a register's readings mean), ``intervals``
(counter to slots to days), ``course`` (a counter's accumulated course, read off at slot borders), ``graph`` (order of
calculation), ``cells`` (what is computed), ``rollup`` (values of all indicators over a block of days), ``factors``
(which factor or price is valid), ``tou`` (the day of a time-of-use tariff), ``tou_check`` (proof of its year),
``expression`` (user formulas on arrays),
``expression_parser``, ``expression_tree`` and ``expression_units`` (their grammar, their parts, their units), ``formula``
(formulas of indicators among the terms), ``quality`` (quality and reason codes), ``arrays`` (array types).
"""
