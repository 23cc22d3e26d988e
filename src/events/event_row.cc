#include "events/event_row.h"

#include <algorithm>
#include <cassert>
#include <utility>

#include "duck/engine.h"

namespace penstock::events {
namespace {

constexpr char kColumns[] =
    "id STRING, "
    "sequence STRUCT<data_plane_id: STRUCT<instance: STRING, seq_no: BIGINT>, "
    "control_plane_seq_no: BIGINT>, "
    "origin STRUCT<cloud: STRING, region: STRING, org_id: STRING, user_id: STRING, pipeline_id: "
    "STRING, "
    "pipeline_type: STRING, pipeline_name: STRING, cluster_id: STRING, update_id: STRING, "
    "maintenance_id: STRING, table_id: STRING, table_name: STRING, dataset_name: STRING, "
    "sink_name: STRING, flow_id: STRING, flow_name: STRING, batch_id: BIGINT, request_id: STRING>, "
    "timestamp TIMESTAMP, message STRING, level STRING, maturity_level STRING, "
    "error STRUCT<fatal: BOOLEAN, exceptions: ARRAY<STRUCT<class_name: STRING, message: STRING, "
    "stack: ARRAY<STRUCT<declaring_class: STRING, method_name: STRING, file_name: STRING, "
    "line_number: BIGINT>>>>>, "
    "details STRING, event_type STRING";

void SetUnlessEmpty(Json& object, const char* key, const std::string& value) {
  if (!value.empty()) object[key] = value;
}

Json OriginJson(const Origin& origin, const EventStamp& stamp) {
  Json json = Json::object();
  SetUnlessEmpty(json, "pipeline_id", stamp.pipeline_id);
  json["pipeline_type"] = "WORKSPACE";
  SetUnlessEmpty(json, "pipeline_name", stamp.pipeline_name);
  SetUnlessEmpty(json, "update_id", stamp.update_id);
  SetUnlessEmpty(json, "dataset_name", origin.dataset_name);
  SetUnlessEmpty(json, "table_name", origin.dataset_name);
  SetUnlessEmpty(json, "flow_id", origin.flow_id);
  SetUnlessEmpty(json, "flow_name", origin.flow_name);
  if (origin.batch_id) json["batch_id"] = *origin.batch_id;
  SetUnlessEmpty(json, "request_id", stamp.update_id);
  return json;
}

Json ErrorJson(const Error& error, Level level) {
  Json exception = {
      {"class_name", error.code}, {"message", ToString(error)}, {"stack", Json::array()}};
  if (!error.where.file.empty()) {
    exception["stack"].push_back(
        {{"file_name", error.where.file}, {"line_number", error.where.line}});
  }
  return {{"fatal", level == Level::kError}, {"exceptions", Json::array({std::move(exception)})}};
}

// The shape of a type for from_json; the timestamp stays text and the details stay JSON until the
// projection.
Json Shape(const Field& field) {
  switch (field.type.id) {
    case TypeId::kStruct: {
      Json shape = Json::object();
      for (const Field& inner : field.type.fields) shape[inner.name] = Shape(inner);
      return shape;
    }
    case TypeId::kArray:
      return Json::array({Shape(field.type.fields[0])});
    case TypeId::kTimestamp:
      return "VARCHAR";
    default:
      return field.name == "details" ? "JSON" : duck::EngineType(field.type);
  }
}

std::string ColumnSql(const Field& field) {
  const std::string name = duck::QuoteIdentifier(field.name);
  const std::string value = "e." + name;
  if (field.type.id == TypeId::kTimestamp) {
    return "CAST(" + value + " AS TIMESTAMPTZ) AS " + name;
  }
  if (field.name == "details") return "CAST(" + value + " AS VARCHAR) AS " + name;
  return value;
}

}  // namespace

std::string_view ToString(Level level) {
  switch (level) {
    case Level::kInfo:
      return "INFO";
    case Level::kWarn:
      return "WARN";
    case Level::kError:
      return "ERROR";
    case Level::kMetrics:
      return "METRICS";
  }
  return "INFO";
}

Json ToJson(const Event& event, const EventStamp& stamp) {
  return {{"id", stamp.id},
          {"sequence",
           {{"data_plane_id", {{"instance", "execution"}, {"seq_no", stamp.sequence}}},
            {"control_plane_seq_no", stamp.sequence}}},
          {"origin", OriginJson(event.origin, stamp)},
          {"timestamp", FormatTimestamp(stamp.timestamp)},
          {"message", event.message},
          {"level", ToString(event.level)},
          {"maturity_level", "STABLE"},
          {"error", event.error ? ErrorJson(*event.error, event.level) : Json()},
          {"details", event.details},
          {"event_type", event.type}};
}

int64_t SequenceOf(const Json& event) {
  return event.at("sequence").at("control_plane_seq_no").get<int64_t>();
}

const Schema& EventLogSchema() {
  static const Schema schema = [] {
    Result<Schema> parsed = ParseSchema(kColumns);
    assert(parsed.ok());
    return std::move(parsed).value();
  }();
  return schema;
}

std::string EventRowsSql(std::vector<Json> events) {
  std::sort(events.begin(), events.end(),
            [](const Json& a, const Json& b) { return SequenceOf(a) < SequenceOf(b); });
  Json shape = Json::object();
  std::string columns;
  for (const Field& field : EventLogSchema()) {
    shape[field.name] = Shape(field);
    columns += (columns.empty() ? "" : ", ") + ColumnSql(field);
  }
  return "SELECT " + columns + " FROM (SELECT unnest(from_json(" +
         duck::QuoteLiteral(DumpJson(Json(std::move(events)))) + ", " +
         duck::QuoteLiteral(DumpJson(Json::array({std::move(shape)}))) + ")) AS e)";
}

}  // namespace penstock::events
