"""Modbus collection in pure Python: from a table of points to readings with time and quality.

``point`` what to read, ``codec`` registers to numbers, ``plan`` which registers together, ``link`` one connection,
``health`` back-off, ``sweep`` one round through all gateways (``results`` its records, ``turn`` one gateway's part,
``prepare`` kept plans), ``runner`` a loop for those who have none, ``frames`` the wire for people, ``simulator`` and
``demo_plant`` meters to try it on. Nothing here knows Odoo; pyserial is imported for a serial line only.
"""
