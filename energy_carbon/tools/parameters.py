"""Names of the system parameters of the product. Knows no model."""

# Months that readings are kept, counting back from the current one; 0 or missing: for ever.
READING_RETENTION = "energy_carbon.reading_retention_months"
