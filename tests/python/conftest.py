"""What the whole run of the tests shares."""

import os

import pytest

import spark_session
import spark_tables


@pytest.fixture(scope="session", autouse=True)
def no_settings_of_s3():
    """The settings of the running server of S3 reach only the tests that pass them on."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        del os.environ[name]


@pytest.fixture(scope="session")
def spark(tmp_path_factory):
    session = spark_session.start(tmp_path_factory.mktemp("spark"))
    yield session
    spark_session.stop(session)


@pytest.fixture(scope="session")
def tables_of_spark(request, tmp_path_factory):
    """Every table of spark_tables with what Spark reads from it, by name."""
    return spark_tables.build(lambda: request.getfixturevalue("spark"), tmp_path_factory.mktemp("tables_of_spark"))
