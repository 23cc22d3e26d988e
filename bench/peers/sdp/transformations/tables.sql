-- Open-source Spark has no expectations: their conditions are filters here.
CREATE STREAMING TABLE silver_events AS
SELECT event_id, try_cast(user_id AS BIGINT) AS user_id, event_type, amount, country, CAST(ts AS TIMESTAMP) AS ts,
  CAST(CAST(ts AS TIMESTAMP) AS DATE) AS day, session_id
FROM STREAM bronze_events
WHERE try_cast(user_id AS BIGINT) IS NOT NULL AND amount BETWEEN 0 AND 10000;

CREATE MATERIALIZED VIEW events AS
SELECT event_id, first(user_id) AS user_id, first(event_type) AS event_type, first(amount) AS amount,
  first(country) AS country, first(ts) AS ts, first(day) AS day, first(session_id) AS session_id
FROM silver_events GROUP BY event_id;

CREATE MATERIALIZED VIEW users AS
SELECT user_id, r.seq, r.plan, r.country, r.email
FROM (SELECT user_id, max_by(struct(op, seq, plan, country, email), seq) AS r FROM bronze_cdc GROUP BY user_id)
WHERE r.op <> 'D';

CREATE MATERIALIZED VIEW gold_user_daily AS
WITH daily AS (SELECT user_id, day, count(*) AS n, sum(amount) AS amt FROM events GROUP BY user_id, day)
SELECT user_id, day, n, amt, sum(n) OVER week AS n7, sum(amt) OVER week AS amt7 FROM daily
WINDOW week AS (PARTITION BY user_id ORDER BY day RANGE BETWEEN INTERVAL '6' DAY PRECEDING AND CURRENT ROW);

CREATE MATERIALIZED VIEW gold_country AS
SELECT u.country, count(*) AS events, count(DISTINCT e.user_id) AS users, sum(e.amount) AS amt, avg(e.amount) AS avg_amt,
  count_if(e.event_type = 'purchase') AS purchases
FROM events e JOIN users u ON e.user_id = u.user_id GROUP BY u.country;
