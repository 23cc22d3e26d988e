-- What arrives, as it arrives.
CREATE OR REFRESH STREAMING TABLE bronze_events
COMMENT 'Events as delivered'
AS SELECT * FROM STREAM read_files(
  '${landing}/events',
  format => 'json',
  schema => 'event_id STRING, user_id STRING, event_type STRING, amount DOUBLE, country STRING, ts STRING, session_id STRING');

CREATE OR REFRESH STREAMING TABLE bronze_cdc
COMMENT 'Changes of users as delivered, in any order'
AS SELECT * FROM STREAM read_files(
  '${landing}/cdc',
  format => 'json',
  schema => 'op STRING, seq BIGINT, user_id BIGINT, plan STRING, country STRING, email STRING');
