-- What is asked for gets a type; whatever else a record holds is kept in _rescued_data, as JSON. A map takes the zones,
-- because their names are data: a new zone is a new row later on, not a new column.
CREATE OR REFRESH STREAMING TABLE bronze_status
COMMENT 'Status records as they came'
AS SELECT *
FROM STREAM read_files(
  '${source}',
  format => 'json',
  pathGlobFilter => '*.json',
  rescuedDataColumn => '_rescued_data',
  schema => '
    version INT,
    nginx_version STRING,
    address STRING,
    generation INT,
    pid BIGINT,
    timestamp BIGINT,
    connections STRUCT<accepted: BIGINT, dropped: BIGINT, active: BIGINT, idle: BIGINT>,
    requests STRUCT<total: BIGINT, current: BIGINT>,
    server_zones MAP<STRING, STRUCT<
      processing: BIGINT,
      requests: BIGINT,
      responses: STRUCT<`1xx`: BIGINT, `2xx`: BIGINT, `3xx`: BIGINT, `4xx`: BIGINT, `5xx`: BIGINT, total: BIGINT>,
      discarded: BIGINT,
      received: BIGINT,
      sent: BIGINT>>'
);
