SELECT event_id, any_value(user_id) AS user_id, any_value(event_type) AS event_type, any_value(amount) AS amount,
  any_value(country) AS country, any_value(ts) AS ts, any_value(day) AS day, any_value(session_id) AS session_id
FROM {{ ref('silver_events') }} GROUP BY event_id
