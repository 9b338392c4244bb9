-- The reference of W1, in good faith: readings in a row-per-reading table, amounts by window differences, factors by
-- the day and prices by day and local time of the slot by joins, one grouped roll-up per level, everything stored: a row a
-- day for each node's consumption and for its total energy, and their months.
DROP TABLE IF EXISTS reference_value, reference_month;
CREATE TABLE reference_value (node_id int, total boolean, date date, value float8, coal float8, carbon float8, cost float8);
CREATE TABLE reference_month (node_id int, total boolean, month date, value float8, coal float8, carbon float8, cost float8);
WITH step AS (
    SELECT indicator_id, time,
           value - LAG(value) OVER (PARTITION BY indicator_id ORDER BY time) AS amount
      FROM reference_reading
), slot AS (
    SELECT indicator_id, (time + INTERVAL '7 hours 45 minutes')::date AS date,
           (time + INTERVAL '7 hours 45 minutes')::time AS start, amount
      FROM step WHERE amount IS NOT NULL
), day AS (
    SELECT s.indicator_id, s.date, SUM(s.amount) AS value, SUM(s.amount * f.coal) AS coal,
           SUM(s.amount * f.carbon) AS carbon, SUM(s.amount * p.price) AS cost
      FROM slot s
      JOIN reference_factor f ON s.date >= f.first AND s.date <= f.last
      JOIN reference_price p ON p.start = s.start AND s.date >= p.first AND s.date <= p.last
  GROUP BY s.indicator_id, s.date
), at_meter AS (
    SELECT i.node_id, d.date, d.value, d.coal, d.carbon, d.cost FROM day d JOIN energy_indicator i ON i.id = d.indicator_id
), at_device AS (
    SELECT n.parent_id AS node_id, m.date, SUM(value) AS value, SUM(coal) AS coal, SUM(carbon) AS carbon, SUM(cost) AS cost
      FROM at_meter m JOIN energy_node n ON n.id = m.node_id GROUP BY n.parent_id, m.date
), at_workshop AS (
    SELECT n.parent_id AS node_id, m.date, SUM(value) AS value, SUM(coal) AS coal, SUM(carbon) AS carbon, SUM(cost) AS cost
      FROM at_device m JOIN energy_node n ON n.id = m.node_id GROUP BY n.parent_id, m.date
), at_plant AS (
    SELECT n.parent_id AS node_id, m.date, SUM(value) AS value, SUM(coal) AS coal, SUM(carbon) AS carbon, SUM(cost) AS cost
      FROM at_workshop m JOIN energy_node n ON n.id = m.node_id GROUP BY n.parent_id, m.date
), at_node AS (
    SELECT * FROM at_meter UNION ALL SELECT * FROM at_device UNION ALL SELECT * FROM at_workshop UNION ALL SELECT * FROM at_plant
)
INSERT INTO reference_value
SELECT node_id, FALSE, date, value, coal, carbon, cost FROM at_node
UNION ALL
SELECT node_id, TRUE, date, coal, NULL, NULL, NULL FROM at_node;
CREATE UNIQUE INDEX ON reference_value (node_id, total, date);
INSERT INTO reference_month
SELECT node_id, total, date_trunc('month', date)::date, SUM(value), SUM(coal), SUM(carbon), SUM(cost)
  FROM reference_value GROUP BY 1, 2, 3;
CREATE UNIQUE INDEX ON reference_month (node_id, total, month);
