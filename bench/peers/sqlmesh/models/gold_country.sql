MODEL (name churn.gold_country, kind FULL);
SELECT u.country, count(*) AS events, count(DISTINCT e.user_id) AS users, sum(e.amount) AS amt, avg(e.amount) AS avg_amt,
  count(*) FILTER (e.event_type = 'purchase') AS purchases
FROM churn.events e JOIN churn.users u ON e.user_id = u.user_id GROUP BY u.country
