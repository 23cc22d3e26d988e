-- Three views more than the churn pipeline has, for a project of ten tables.
CREATE OR REFRESH MATERIALIZED VIEW plan_counts
AS SELECT plan, count(*) AS users FROM users GROUP BY plan;

CREATE OR REFRESH MATERIALIZED VIEW type_counts
AS SELECT event_type, count(*) AS events FROM events GROUP BY event_type;

CREATE OR REFRESH MATERIALIZED VIEW day_counts
AS SELECT day, sum(n) AS events, count(*) AS users FROM gold_user_daily GROUP BY day;
