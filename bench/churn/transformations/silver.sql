CREATE OR REFRESH STREAMING TABLE silver_events (
  CONSTRAINT valid_user EXPECT (user_id IS NOT NULL) ON VIOLATION DROP ROW,
  CONSTRAINT amount_in_range EXPECT (amount BETWEEN 0 AND 10000) ON VIOLATION DROP ROW
)
COMMENT 'Typed events of known users'
AS SELECT
  event_id,
  try_cast(user_id AS BIGINT) AS user_id,
  event_type,
  amount,
  country,
  CAST(ts AS TIMESTAMP) AS ts,
  CAST(CAST(ts AS TIMESTAMP) AS DATE) AS day,
  session_id
FROM STREAM bronze_events;

CREATE OR REFRESH MATERIALIZED VIEW events
COMMENT 'One row an event; copies of an event are equal, so any of them will do'
AS SELECT
  event_id,
  any_value(user_id) AS user_id,
  any_value(event_type) AS event_type,
  any_value(amount) AS amount,
  any_value(country) AS country,
  any_value(ts) AS ts,
  any_value(day) AS day,
  any_value(session_id) AS session_id
FROM silver_events
GROUP BY event_id;

CREATE OR REFRESH MATERIALIZED VIEW users
COMMENT 'The latest state of every user who is not deleted'
AS SELECT user_id, seq, plan, country, email
FROM (
  SELECT
    user_id,
    max_by(op, seq) AS op,
    max(seq) AS seq,
    max_by(plan, seq) AS plan,
    max_by(country, seq) AS country,
    max_by(email, seq) AS email
  FROM bronze_cdc
  GROUP BY user_id)
WHERE op <> 'D';
