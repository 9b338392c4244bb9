"""Selections that several models share, in the field's words. Knows nothing of any model."""

FLOWS = [
    ("purchase", "Purchase"),
    ("own_generation", "Own Generation"),
    ("consumption", "Consumption"),
    ("transformation_in", "Transformation Input"),
    ("transformation_out", "Transformation Output"),
    ("recovery", "Recovery"),
    ("loss", "Loss"),
    ("sale", "Sale or Resale"),
    ("transfer", "Transfer"),
    ("storage_in", "Storage Charge"),
    ("storage_out", "Storage Discharge"),
    ("stock_in", "Stock Receipt"),
    ("stock_out", "Stock Issue"),
]

QUALITIES = [
    ("measured", "Measured"),
    ("entered", "Entered"),
    ("estimated", "Estimated"),
    ("partial", "Partial"),
    ("missing", "Missing"),
]

ORIGINS = [
    ("collected", "Collected"),
    ("entered", "Entered"),
    ("imported", "Imported"),
    ("computed", "Computed"),
]

REASONS = [
    ("missing_input", "Missing input"),
    ("zero_denominator", "Denominator is zero"),
    ("no_price", "No price or factor"),
    ("partial_price", "Price or factor missing for a part"),
    ("overflow", "Result too large to be held"),
    ("no_basis", "Nothing to allocate by"),
]

# Periods of a time-of-use tariff, in the order of engine.tou.Period.
PERIODS = [
    ("sharp", "Sharp"),
    ("peak", "Peak"),
    ("flat", "Flat"),
    ("valley", "Valley"),
    ("deep_valley", "Deep Valley"),
]

# What a cell of the calculation carries beside the amount itself, in the order of engine.rollup.Measure.
COMPANIONS = ("coal", "coal_equivalent", "carbon", "carbon_market", "cost")
MEASURES = [
    ("amount", "Amount"),
    ("coal", "Standard coal, calorific basis"),
    ("coal_equivalent", "Standard coal, equivalent basis"),
    ("carbon", "Carbon, location-based"),
    ("carbon_market", "Carbon, market-based"),
    ("cost", "Cost"),
]
