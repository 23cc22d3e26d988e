-- One row a record and zone.
CREATE OR REFRESH STREAMING TABLE silver_zones (
  CONSTRAINT has_time EXPECT (seen_at IS NOT NULL) ON VIOLATION QUARANTINE,
  CONSTRAINT has_zone EXPECT (zone <> '') ON VIOLATION DROP ROW,
  CONSTRAINT counts_add_up EXPECT (responses = ok + redirected + client_errors + server_errors + informational)
)
COMMENT 'Counters of each zone at each moment'
AS SELECT
  timestamp_millis(timestamp) AS seen_at,
  zone,
  status.requests AS requests,
  status.responses.`1xx` AS informational,
  status.responses.`2xx` AS ok,
  status.responses.`3xx` AS redirected,
  status.responses.`4xx` AS client_errors,
  status.responses.`5xx` AS server_errors,
  status.responses.total AS responses,
  status.discarded AS discarded,
  status.received AS bytes_received,
  status.sent AS bytes_sent
FROM STREAM bronze_status LATERAL VIEW explode(server_zones) AS zone, status;
