#include "delta/action_json.h"

#include <gtest/gtest.h>

#include <random>

#include "delta/delta_fixture.h"

namespace penstock::delta {
namespace {

// Draws actions of every kind, with the awkward texts.
class ActionSource {
 public:
  explicit ActionSource(unsigned seed) : random_(seed) {}

  std::vector<Action> Commit() {
    std::vector<Action> actions;
    for (int64_t i = Number(8); i > 0; --i) actions.push_back(Any());
    return actions;
  }

 private:
  int64_t Number(int64_t below) { return static_cast<int64_t>(random_() % below); }
  bool Flip() { return Number(2) == 0; }
  std::string Text() {
    static const std::string kTexts[] = {
        "",    "a",  "ü€😀", "\"quoted\"\\",          "line\nbreak\t",
        "%2F", "{}", "null", std::string("\0\x01", 2)};
    return kTexts[Number(std::size(kTexts))];
  }
  std::string Path() { return "p=" + Text() + "/f" + std::to_string(Number(100)); }
  template <typename T>
  std::optional<T> Maybe(T value) {
    return Flip() ? std::optional<T>(std::move(value)) : std::nullopt;
  }
  PartitionValues Partition() {
    PartitionValues values;
    for (int64_t i = Number(3); i > 0; --i) values[Text()] = Maybe(Text());
    return values;
  }
  std::vector<std::string> Words() {
    std::vector<std::string> words;
    for (int64_t i = Number(3); i > 0; --i) words.push_back(Text());
    return words;
  }
  DataType Type(int depth) {
    const auto id = static_cast<TypeId>(Number(depth > 0 ? 17 : 14));
    switch (id) {
      case TypeId::kDecimal:
        return DataType::Decimal(20, static_cast<int>(Number(20)));
      case TypeId::kArray:
        return DataType::Array(Type(depth - 1), Flip());
      case TypeId::kMap:
        return DataType::Map(Type(depth - 1), Type(depth - 1), Flip());
      case TypeId::kStruct:
        return DataType::Struct(Fields(depth - 1));
      default:
        return DataType::Of(id);
    }
  }
  Schema Fields(int depth) {
    Schema fields;
    for (int64_t i = Number(4); i >= 0; --i) {
      fields.push_back(Field{"c" + Text(), Type(depth), Flip(), Text()});
    }
    return fields;
  }

  // What add and remove have in common besides path and size.
  template <typename File>
  void SetCommon(File& file) {
    if (Flip()) {
      file.deletion_vector =
          DeletionVector{"u", Text(), Maybe(Number(1000)), Number(1000), Number(1000)};
    }
    file.base_row_id = Maybe(Number(1000));
    file.default_row_commit_version = Maybe(Number(1000));
    if (Flip()) file.tags = {{Text(), Text()}};
    if (Flip()) file.extra = Json{{"unknown field", Json{{"of", "another writer"}}}};
  }

  Action Any() {
    switch (Number(8)) {
      case 0:
        return Flip() ? Protocol{3, 7, Words(), Words()} : Protocol{1, 2, {}, {}};
      case 1: {
        Metadata metadata =
            NewMetadata(Fields(3), Words(), {{Text(), Text()}}, Maybe(Text()), Number(1'000'000));
        metadata.name = Maybe(Text());
        metadata.created_time_ms = Maybe(Number(1'000'000));
        return metadata;
      }
      case 2: {
        AddFile add;
        add.path = Path();
        add.partition_values = Partition();
        add.size = Number(1'000'000);
        add.modification_time_ms = Number(1'000'000);
        add.data_change = Flip();
        add.stats = Text();
        add.clustering_provider = Maybe(Text());
        SetCommon(add);
        return add;
      }
      case 3: {
        RemoveFile remove;
        remove.path = Path();
        remove.deletion_timestamp_ms = Maybe(Number(1'000'000));
        remove.data_change = Flip();
        remove.partition_values = Partition();
        remove.size = Maybe(Number(1'000'000));
        SetCommon(remove);
        return remove;
      }
      case 4:
        return SetTransaction{Text(), Number(1000) - 500, Maybe(Number(1'000'000))};
      case 5:
        return AddCdcFile{Path(), Partition(), Number(1'000'000), {{Text(), Text()}}};
      case 6:
        return DomainMetadata{Text(), Text(), Flip()};
      default: {
        CommitInfo info;
        info.timestamp_ms = Number(1'000'000);
        info.operation = Text();
        info.operation_parameters = Json{{"mode", Text()}};
        info.operation_metrics = Json{{"numFiles", "1"}};
        info.engine_info = Text();
        info.is_blind_append = Maybe(Flip());
        info.read_version = Maybe(Number(100));
        info.extra = Json{{"nested", {{"list", {1, 2.5, -3, nullptr, true, Text()}}}}};
        return info;
      }
    }
  }

  std::mt19937 random_;
};

TEST(ActionJsonTest, DecodingGivesBackWhatWasEncoded) {
  const unsigned seed = std::random_device{}();
  for (unsigned i = 0; i < 2000; ++i) {
    SCOPED_TRACE("seed " + std::to_string(seed + i));
    const std::vector<Action> actions = ActionSource(seed + i).Commit();
    const auto decoded = DecodeCommit(EncodeCommit(actions), "test");
    ASSERT_TRUE(decoded.ok()) << ToString(decoded.error());
    ASSERT_EQ(*decoded, actions);
  }
}

TEST(ActionJsonTest, ReadsWhatSparkWrites) {
  const auto decoded = DecodeCommit(
      R"({"commitInfo":{"timestamp":1700000000123,"operation":"WRITE","operationParameters":{"mode":"Append","partitionBy":"[]"},"isolationLevel":"Serializable","isBlindAppend":true,"operationMetrics":{"numFiles":"1"},"engineInfo":"Apache-Spark/4.1.0 Delta-Lake/4.1.0","txnId":"6c3c"}}
{"protocol":{"minReaderVersion":1,"minWriterVersion":2}}
{"metaData":{"id":"5f1c","format":{"provider":"parquet","options":{}},"schemaString":"{\"type\":\"struct\",\"fields\":[{\"name\":\"c\",\"type\":\"string\",\"nullable\":false,\"metadata\":{\"__CHAR_VARCHAR_TYPE_STRING\":\"varchar(5)\"}}]}","partitionColumns":[],"configuration":{},"createdTime":1700000000000}}
{"add":{"path":"part-0%20x.parquet","partitionValues":{"d":null},"size":452,"modificationTime":1700000000100,"dataChange":true,"stats":"{\"numRecords\":1}","tags":{"k":"v"}}}
{"domainMetadata":{"domain":"x","configuration":"","removed":false}}
)",
      "0.json");
  ASSERT_TRUE(decoded.ok()) << ToString(decoded.error());
  ASSERT_EQ(decoded->size(), 5u);
  const auto& info = std::get<CommitInfo>((*decoded)[0]);
  EXPECT_EQ(info.timestamp_ms, 1700000000123);
  EXPECT_EQ(info.extra["isolationLevel"], "Serializable");
  const auto& metadata = std::get<Metadata>((*decoded)[2]);
  EXPECT_FALSE(metadata.schema[0].nullable);
  EXPECT_NE(metadata.schema_string.find("varchar(5)"), std::string::npos);
  const auto& add = std::get<AddFile>((*decoded)[3]);
  EXPECT_EQ(add.path, "part-0%20x.parquet");
  EXPECT_EQ(add.partition_values.at("d"), std::nullopt);
}

TEST(ActionJsonTest, DamageIsNamedWithFileAndLine) {
  const char* const lines[] = {
      "{\"add\":{\"path\":\"x\"",                       // cut off
      "[]",                                             // no object
      "{\"add\":{\"partitionValues\":{},\"size\":1}}",  // no path
      "{\"add\":{\"path\":\"x\",\"partitionValues\":{},\"size\":-1}}",
      "{\"add\":{\"path\":\"x\",\"partitionValues\":{},\"size\":1.5}}",
      "{\"add\":{\"path\":\"x\",\"partitionValues\":[],\"size\":1}}",
      "{\"add\":{\"path\":\"x\",\"partitionValues\":{\"a\":1},\"size\":1}}",
      "{\"add\":7}",
      "{\"txn\":{\"appId\":\"a\",\"version\":99999999999999999999}}",
      "{\"protocol\":{\"minReaderVersion\":\"1\",\"minWriterVersion\":2}}",
      "{\"protocol\":{\"minReaderVersion\":99999999999,\"minWriterVersion\":2}}",
      "{\"metaData\":{\"id\":\"x\"}}",
      "{\"add\":{\"path\":\"\xff\xfe\",\"partitionValues\":{},\"size\":1}}",  // bad UTF-8
      "garbage",
  };
  for (const char* line : lines) {
    const auto decoded = DecodeCommit("{\"unknown\":{}}\n" + std::string(line) + "\n", "5.json");
    ASSERT_FALSE(decoded.ok()) << line;
    EXPECT_EQ(decoded.error().code, "CORRUPT_LOG") << line;
    EXPECT_NE(decoded.error().message.find("5.json, line 2"), std::string::npos)
        << decoded.error().message;
  }
}

TEST(ActionJsonTest, NestingIsLimited) {
  const std::string deep =
      "{\"commitInfo\":{\"x\":" + std::string(100'000, '[') + std::string(100'000, ']') + "}}";
  EXPECT_FALSE(DecodeCommit(deep, "f").ok());
}

TEST(ActionJsonTest, EmptyLinesAndNullActionsAreNothing) {
  EXPECT_TRUE(DecodeCommit("", "f")->empty());
  EXPECT_TRUE(DecodeCommit("\n\r\n  \n{\"add\":null,\"txn\":null}\n{}", "f")->empty());
}

TEST(SchemaJsonTest, UnknownTypesAreNamed) {
  const auto schema = SchemaFromJson(
      R"({"type":"struct","fields":[{"name":"v","type":"geometry","nullable":true}]})");
  ASSERT_FALSE(schema.ok());
  EXPECT_EQ(schema.error().code, "UNSUPPORTED_TYPE");
  EXPECT_NE(schema.error().message.find("'geometry'"), std::string::npos);
}

TEST(SchemaJsonTest, BadSchemasAreErrors) {
  for (const char* text :
       {"", "7", "{}", R"json({"type":"struct"})json", R"json({"type":"struct","fields":[{}]})json",
        R"json({"type":"struct","fields":[{"name":"a","type":{"type":"array"}}]})json",
        R"json({"type":"struct","fields":[{"name":"a","type":"decimal(39,2)"}]})json",
        R"json({"type":"struct","fields":[{"name":"a","type":"decimal(3"}]})json",
        R"json({"type":"struct","fields":[{"name":"a","type":"long","nullable":"no"}]})json"}) {
    EXPECT_FALSE(SchemaFromJson(text).ok()) << text;
  }
}

}  // namespace
}  // namespace penstock::delta
