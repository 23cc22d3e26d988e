"""One Spark with Delta for a whole run of the tests: two cores, a small heap, as little planning as possible."""

import glob
import os
import sys
import time

from judges import DEPS, moment, plain, shortest_float32

JAVA = sorted(glob.glob("/usr/lib/jvm/java-17-openjdk-*/bin/java"))
SETTINGS = {
    "spark.sql.extensions": "io.delta.sql.DeltaSparkSessionExtension",
    "spark.sql.catalog.spark_catalog": "org.apache.spark.sql.delta.catalog.DeltaCatalog",
    "spark.driver.memory": "1g",
    "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:ReservedCodeCacheSize=256m -XX:+UseSerialGC -Duser.timezone=UTC "
                                     "-Dlog4j2.level=ERROR -Dderby.system.home={folder}",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.sql.shuffle.partitions": "2",
    "spark.default.parallelism": "2",
    "spark.databricks.delta.snapshotPartitions": "1",
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    "spark.sql.session.timeZone": "UTC",
    "spark.local.dir": "{folder}",
    "spark.sql.warehouse.dir": "{folder}/warehouse",
    "spark.databricks.delta.retentionDurationCheck.enabled": "false",
    "spark.databricks.delta.vacuum.logging.enabled": "false",
}


def start(folder):
    os.environ["SPARK_LOCAL_IP"] = "127.0.0.1"
    os.environ["TZ"] = "UTC"  # pyspark gives timestamps in the zone of the process
    time.tzset()
    if JAVA:
        os.environ["JAVA_HOME"] = str(JAVA[-1])[:-len("/bin/java")]
    sys.path.insert(0, str(DEPS / "spark" / "python"))
    from pyspark.sql import SparkSession  # pylint: disable=import-outside-toplevel,import-error
    builder = SparkSession.builder.master("local[2]").config("spark.jars", ",".join(
        str(jar) for jar in sorted((DEPS / "spark" / "jars").glob("*.jar"))))
    for name, value in SETTINGS.items():
        builder = builder.config(name, value.format(folder=folder))
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("OFF")
    return session


def stop(session):
    """Ends the JVM; an orderly stop takes long and saves nothing."""
    process = session.sparkContext._gateway.proc  # pylint: disable=protected-access
    process.kill()
    process.wait()


def typed(value, kind):
    """A value of pyspark in the form of judges.plain; its type says what Python's does not."""
    name = kind.typeName()
    if value is None:
        return None
    if name == "float":
        return plain(shortest_float32(value))
    if name == "timestamp":
        return moment(value.isoformat() + "Z")
    if name == "struct":
        return {field.name: typed(item, field.dataType) for field, item in zip(kind.fields, value)}
    if name == "array":
        return [typed(item, kind.elementType) for item in value]
    if name == "map":
        keys = {key: typed(key, kind.keyType) for key in value}
        return {keys[key] if isinstance(keys[key], str) else str(keys[key]): typed(item, kind.valueType)
                for key, item in value.items()}
    if name == "variant":
        return value.toJson()
    return plain(value)


def rows(frame):
    """Rows of a Spark data frame in the form of judges.plain."""
    return [typed(row, frame.schema) for row in frame.collect()]


def spark_reads(session, path, query="SELECT * FROM t"):
    return rows(session.sql(query.replace("FROM t", f"FROM delta.`{path}`")))
