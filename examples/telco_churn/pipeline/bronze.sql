-- What arrives, as it arrives: every column is text, every file is read exactly once.
CREATE OR REFRESH STREAMING TABLE bronze_customers
COMMENT 'Customers as they came'
AS SELECT *, _metadata.file_name AS source_file
FROM STREAM read_files('${source}', format => 'csv', header => 'true', inferColumnTypes => 'false', pathGlobFilter => '*.csv');
