CREATE OR REFRESH MATERIALIZED VIEW gold_user_daily
COMMENT 'Activity of a user on a day and over the seven days that end with it'
AS WITH daily AS (
  SELECT user_id, day, count(*) AS n, sum(amount) AS amt
  FROM events
  GROUP BY user_id, day
)
SELECT user_id, day, n, amt, CAST(sum(n) OVER week AS BIGINT) AS n7, sum(amt) OVER week AS amt7
FROM daily
WINDOW week AS (
  PARTITION BY user_id ORDER BY day
  RANGE BETWEEN INTERVAL '6' DAY PRECEDING AND CURRENT ROW);

CREATE OR REFRESH MATERIALIZED VIEW gold_country
COMMENT 'Activity by the country that users say they live in'
AS SELECT
  u.country,
  count(*) AS events,
  count(DISTINCT e.user_id) AS users,
  sum(e.amount) AS amt,
  avg(e.amount) AS avg_amt,
  count_if(e.event_type = 'purchase') AS purchases
FROM events e JOIN users u ON e.user_id = u.user_id
GROUP BY u.country;
