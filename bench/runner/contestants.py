"""Who takes part in the churn runs: how each is set up, what it runs, and where its tables are."""
import os
import pathlib
import shutil
import subprocess

HERE = pathlib.Path(__file__).resolve().parent.parent
PEERS = HERE / "peers"


class Contestant:
    """Keeps everything that an update changes under `state`, so that a copy of it is a starting point."""
    name = ""
    tables = "parquet"

    def __init__(self, setting, name=None):
        self.setting = setting
        self.name = name or self.name
        self.state = setting.runs / self.name.replace(" ", "-").replace("(", "").replace(")", "")
        self.landing = setting.landing.path

    def missing(self):
        """What to do when the contestant cannot take part here; empty when it can."""
        return ""

    def clear(self):
        shutil.rmtree(self.state, ignore_errors=True)
        self.state.mkdir(parents=True)

    @property
    def _kept(self):
        return self.state.with_name(self.state.name + ".kept")

    def is_kept(self):
        return self._kept.exists()

    def keep_once(self):
        """Copies the state as the starting point of later sections, unless there is one."""
        if not self.is_kept():
            shutil.rmtree(self._kept, ignore_errors=True)
            subprocess.run(["cp", "-a", self.state, self._kept], check=True)

    def restore(self):
        shutil.rmtree(self.state, ignore_errors=True)
        subprocess.run(["cp", "-a", self._kept, self.state], check=True)

    def drop(self):
        shutil.rmtree(self._kept, ignore_errors=True)
        shutil.rmtree(self.state, ignore_errors=True)

    def environment(self):
        return {}

    def tables_at(self):
        return self.state

    def python(self, venv):
        return self.setting.work / "venv" / venv / "bin" / "python"

    def missing_venv(self, venv):
        return "" if self.python(venv).exists() else f"bench/peers/install {venv}"


class Penstock(Contestant):
    name = "penstock"
    tables = "delta"

    def missing(self):
        return "" if self.setting.program.exists() else "make"

    def clear(self):
        super().clear()
        shutil.copytree(HERE / "churn", self.state, dirs_exist_ok=True)

    def command(self, *arguments):
        return [self.setting.program, *arguments, "--project", self.state, "--set", f"landing={self.landing}"]

    def full(self):
        return self.command("run")

    def increment(self):
        return self.command("run")

    def streaming(self):
        return self.command("run", "--refresh", "bronze_events,bronze_cdc,silver_events")

    def noop(self):
        return self.command("run")

    def tables_at(self):
        return self.state / "storage/tables/main/churn"


    def is_kept(self):
        """What an older build left is no starting point."""
        return super().is_kept() and self._kept.stat().st_mtime > self.setting.program.stat().st_mtime


class Script(Contestant):
    name = "duckdb script"

    def __init__(self, setting, name=None, options=()):
        super().__init__(setting, name)
        self.options = list(options)

    def missing(self):
        return self.missing_venv("duckdb")

    def command(self, *arguments):
        return [self.python("duckdb"), PEERS / "duckdb_script.py", self.landing, self.state, *arguments, *self.options]

    def full(self):
        return self.command("full")

    def increment(self):
        return self.command("increment")

    def streaming(self):
        return self.command("increment", "--only", "streaming")

    def noop(self):
        return self.command("increment")


class Dbt(Contestant):
    name = "dbt"
    tables = "duckdb"

    def missing(self):
        return self.missing_venv("dbt")

    def environment(self):
        return {"BENCH_LANDING": str(self.landing), "BENCH_DATABASE": str(self.tables_at())}

    def full(self):
        dbt = self.python("dbt").with_name("dbt")
        project = PEERS / "dbt"
        return [dbt, "run", "--project-dir", project, "--profiles-dir", project,
                "--target-path", self.state / "target", "--log-path", self.state / "logs"]

    increment = full
    noop = full

    def tables_at(self):
        return self.state / "bench.duckdb"


class Sqlmesh(Contestant):
    name = "sqlmesh"
    tables = "duckdb"

    def missing(self):
        return self.missing_venv("sqlmesh")

    def clear(self):
        super().clear()
        shutil.copytree(PEERS / "sqlmesh", self.state, dirs_exist_ok=True)
        for model in (self.state / "models").glob("*.sql"):
            model.write_text(model.read_text().replace("BENCH_LANDING", str(self.landing)))

    def environment(self):
        return {"BENCH_DATABASE": str(self.tables_at())}

    def command(self, *arguments):
        return [self.python("sqlmesh").with_name("sqlmesh"), "--paths", self.state, *arguments]

    def full(self):
        return self.command("plan", "--auto-apply", "--no-prompts")

    def increment(self):
        return self.command("plan", "--auto-apply", "--no-prompts", "--restate-model", "churn.*")

    def noop(self):
        return self.command("run")

    def tables_at(self):
        return self.state / "bench.duckdb"


class SparkPipelines(Contestant):
    """Spark Declarative Pipelines writing Delta. Jars and memory come from spark-defaults.conf: the Connect
    server that spark-pipelines starts gets no --jars."""
    name = "spark pipelines"
    tables = "delta"

    def missing(self):
        return self.missing_venv("spark")

    def clear(self):
        super().clear()
        shutil.copytree(PEERS / "sdp/transformations", self.state / "project/transformations")
        (self.state / "project/spark-pipeline.yml").write_text(
            f"name: churn\nstorage: file://{self.state}/storage\n"
            "libraries:\n  - glob:\n      include: transformations/**\n"
            "configuration:\n  spark.sql.shuffle.partitions: \"8\"\n  spark.sql.session.timeZone: \"UTC\"\n")
        (self.state / "conf").mkdir()
        jars = ":".join(str(jar) for jar in sorted((self.setting.work / "jars").glob("*.jar")))
        (self.state / "conf/spark-defaults.conf").write_text("\n".join((
            "spark.driver.memory 8g",
            "spark.ui.enabled false",
            "spark.sql.sources.default delta",
            f"spark.sql.warehouse.dir {self.state}/warehouse",
            "spark.sql.catalogImplementation hive",
            f"spark.driver.extraJavaOptions -Dderby.system.home={self.state}/derby",
            f"spark.driver.extraClassPath {jars}",
            "spark.sql.extensions io.delta.sql.DeltaSparkSessionExtension",
            "spark.sql.catalog.spark_catalog org.apache.spark.sql.delta.catalog.DeltaCatalog",
            "spark.databricks.delta.snapshotPartitions 2",
            "")))

    def environment(self):
        return {"BENCH_LANDING": str(self.landing), "SPARK_HOME": str(self._home()),
                "SPARK_CONF_DIR": str(self.state / "conf"), "SPARK_LOCAL_IP": "127.0.0.1",
                "PYSPARK_PYTHON": str(self.python("spark")),
                "PATH": f"{self.python('spark').parent}:{os.environ['PATH']}"}

    def _home(self):
        return next((self.setting.work / "venv/spark/lib").glob("python3*/site-packages/pyspark"))

    def command(self, verb):
        spec = self.state / "project/spark-pipeline.yml"
        return ["sh", "-c", 'cd "$1" && shift && exec "$@"', "sh", self.state / "project",
                self._home() / "bin/spark-pipelines", "--remote", "local[2]", verb, "--spec", spec]

    def full(self):
        return self.command("run")

    increment = full
    noop = full

    def tables_at(self):
        return self.state / "warehouse"


def everybody(setting):
    return [Penstock(setting), Script(setting), Script(setting, "duckdb script (naive time)", ["--naive-time"]),
            Dbt(setting), Sqlmesh(setting), SparkPipelines(setting)]
