MODEL (name churn.users, kind FULL);
SELECT * EXCLUDE (op) FROM (
  SELECT user_id, arg_max(op, seq) AS op, max(seq) AS seq, arg_max(plan, seq) AS plan, arg_max(country, seq) AS country, arg_max(email, seq) AS email
  FROM churn.bronze_cdc GROUP BY user_id)
WHERE op <> 'D'
