{{ config(materialized='incremental') }}
SELECT event_id, try_cast(user_id AS BIGINT) AS user_id, event_type, amount, country, CAST(ts AS TIMESTAMPTZ) AS ts,
  CAST(CAST(ts AS TIMESTAMPTZ) AS DATE) AS day, session_id, filename
FROM {{ ref('bronze_events') }}
WHERE try_cast(user_id AS BIGINT) IS NOT NULL AND amount BETWEEN 0 AND 10000
{% if is_incremental() %} AND filename NOT IN (SELECT DISTINCT filename FROM {{ this }}) {% endif %}
