"""Bronze tables in Python: open-source Spark has no read_files. The table format is the session's default source,
because an explicit format="delta" makes every later update fail (DELTA_CANNOT_CHANGE_PROVIDER)."""
import os

from pyspark import pipelines as dp

LANDING = os.environ["BENCH_LANDING"]
EVENT = "event_id string, user_id string, event_type string, amount double, country string, ts string, session_id string"
CHANGE = "op string, seq bigint, user_id bigint, plan string, country string, email string"


@dp.table
def bronze_events():
    return spark.readStream.schema(EVENT).format("json").load(f"{LANDING}/events")


@dp.table
def bronze_cdc():
    return spark.readStream.schema(CHANGE).format("json").load(f"{LANDING}/cdc")
