CREATE STREAMING TABLE s AS SELECT * FROM STREAM(a) WITH ('skipChangeCommits' = 'true', x 1) AS b, STREAM c.d WITH (skipChangeCommits false);
