-- Databricks notebook source
CREATE INCREMENTAL LIVE TABLE `${key}`.a LOCATION '/x' select 1
-- COMMAND ----------
-- MAGIC %md x
-- COMMAND ----------
CREATE LIVE VIEW b (a COMMENT 'c', b) WITH x AS (FROM y) FROM x
