-- The counters only grow; what people ask for is how fast. Each row covers the time since the record before.
CREATE OR REFRESH MATERIALIZED VIEW gold_rates (
  CONSTRAINT time_passes EXPECT (seconds > 0) ON VIOLATION DROP ROW,
  CONSTRAINT counter_grows EXPECT (requests >= 0) ON VIOLATION DROP ROW
)
COMMENT 'Requests and bytes a second, by zone'
AS SELECT
  seen_at, zone, seconds, requests,
  requests / seconds AS requests_per_second,
  bytes_sent / seconds AS bytes_sent_per_second
FROM (
  SELECT
    seen_at,
    zone,
    (unix_millis(seen_at) - unix_millis(lag(seen_at) OVER w)) / 1000.0 AS seconds,
    requests - lag(requests) OVER w AS requests,
    bytes_sent - lag(bytes_sent) OVER w AS bytes_sent
  FROM silver_zones
  WINDOW w AS (PARTITION BY zone ORDER BY seen_at)
)
WHERE seconds IS NOT NULL;

CREATE OR REFRESH MATERIALIZED VIEW gold_zones
COMMENT 'Each zone over the whole time'
AS SELECT
  zone,
  count(*) AS records,
  min(seen_at) AS first_at,
  max(seen_at) AS last_at,
  max(requests) - min(requests) AS requests,
  round(100.0 * (max(server_errors) - min(server_errors)) / (max(responses) - min(responses)), 3) AS server_error_percent
FROM silver_zones
GROUP BY zone;
