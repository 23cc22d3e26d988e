MODEL (name churn.gold_user_daily, kind FULL);
WITH daily AS (SELECT user_id, day, count(*) AS n, sum(amount) AS amt FROM churn.events GROUP BY ALL)
SELECT user_id, day, n, amt, CAST(sum(n) OVER week AS BIGINT) AS n7, sum(amt) OVER week AS amt7 FROM daily
WINDOW week AS (PARTITION BY user_id ORDER BY day RANGE BETWEEN INTERVAL 6 DAYS PRECEDING AND CURRENT ROW)
