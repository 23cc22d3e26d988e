#include "catalog/catalog.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "base/text.h"
#include "catalog/external_table.h"
#include "catalog/path_part.h"
#include "io/temp_folder.h"

namespace penstock::catalog {
namespace {

using model::TableName;

// No table here has a checkpoint.
class NoCheckpoints : public delta::CheckpointCodec {
 public:
  Status ReadCheckpoint(const std::string& path, delta::CheckpointSink&) override {
    return InternalError("no checkpoint expected at " + path);
  }
  Status WriteCheckpoint(const std::string& path, const delta::CheckpointShape&,
                         const delta::CheckpointContent&) override {
    return InternalError("no checkpoint expected at " + path);
  }
};

class CatalogTest : public testing::Test {
 protected:
  CatalogTest() : storage_(io::NewLocalStorage()) {
    catalog_ =
        std::make_unique<Catalog>(storage_.get(), &codec_, &SystemClock(), Layout{root_ + "//."});
  }

  void Create(const std::shared_ptr<delta::Table>& table) {
    const Schema schema = {{"a", DataType::Of(TypeId::kLong), true, ""}};
    delta::Change change;
    change.info.operation = "CREATE TABLE";
    change.metadata = delta::NewMetadata(schema, {}, {}, std::nullopt, 0);
    change.protocol = delta::RequiredProtocol(*change.metadata);
    const Result<delta::CommitOutcome> outcome = table->Commit(nullptr, change);
    ASSERT_TRUE(outcome.ok()) << outcome.error().message;
  }

  const io::TempFolder folder_;
  const std::string root_ = folder_ / "storage";
  std::unique_ptr<io::Storage> storage_;
  NoCheckpoints codec_;
  std::unique_ptr<Catalog> catalog_;
};

TEST(PathPartTest, HostileNamesStayOnePartAndDistinct) {
  const std::vector<std::string> names = {
      "..",  ".",    "/",        "a/b",  "../../etc", "a\\b", "%2e", "%",
      "a b", "tëst", "\xff\xfe", "日本", "con:",      "a.b",  "",    std::string("a\0b", 3)};
  std::set<std::string> parts;
  for (const std::string& name : names) {
    const std::string part = PathPart(name);
    EXPECT_EQ(part.find_first_of("./\\\0"), std::string::npos) << name;
    EXPECT_FALSE(part.empty());
    EXPECT_EQ(NameOfPathPart(part), name);
    EXPECT_TRUE(parts.insert(part).second) << name;
  }
  EXPECT_EQ(PathPart("Orders_2026"), "orders_2026");
}

TEST(LayoutTest, EveryPathIsBelowTheRoot) {
  const Layout layout{"/data"};
  const TableName name{"..", "../..", "/etc/passwd"};
  for (const std::string& path :
       {layout.TablePath(name), layout.QuarantinePath(name), layout.FlowPath(name)}) {
    EXPECT_TRUE(io::IsInside("/data", path)) << path;
    EXPECT_EQ(path.find(".."), std::string::npos) << path;
  }
  EXPECT_EQ(layout.TablePath({"main", "Default", "T"}), "/data/tables/main/default/t");
  EXPECT_EQ(layout.FlowPath({"main", "default", "f"}), "/data/_penstock/flows/main.default.f");
}

TEST(ExternalTableTest, DecodedIsWhatWasEncoded) {
  const ExternalTable table{{"main", "default", "a`b\"c"}, "/data/x y"};
  EXPECT_EQ(DecodeExternalTable(EncodeExternalTable(table), "f").value(), table);
}

TEST(ExternalTableTest, NewerFormatAndMissingFieldsAreRefused) {
  EXPECT_EQ(DecodeExternalTable(R"({"format_version":2})", "f").error().code, "UNSUPPORTED_FORMAT");
  EXPECT_EQ(DecodeExternalTable(R"({"format_version":1})", "f").error().code,
            "BAD_TABLE_REGISTRATION");
  EXPECT_EQ(DecodeExternalTable("[]", "f").error().code, "BAD_TABLE_REGISTRATION");
  EXPECT_EQ(DecodeExternalTable("{", "f").error().code, "BAD_JSON");
}

TEST_F(CatalogTest, ManagedTableIsListedAndOpenedByAnyCase) {
  Create(catalog_->Open({"main", "default", "Orders"}).value());
  Create(catalog_->Open({"main", "default", "we/ird"}).value());
  EXPECT_THAT(catalog_->List().value(),
              testing::ElementsAre(TableName{"main", "default", "orders"},
                                   TableName{"main", "default", "we/ird"}));
  EXPECT_TRUE(catalog_->Open({"MAIN", "default", "ORDERS"}).value()->Exists().value());
  EXPECT_FALSE(catalog_->IsExternal({"main", "default", "orders"}).value());
}

TEST_F(CatalogTest, ExternalTableIsFoundAtItsLocationAndDropForgetsItOnly) {
  const TableName name{"main", "default", "ext"};
  const std::string path = folder_ / "elsewhere";
  ASSERT_TRUE(catalog_->RegisterExternal(name, path).ok());
  Create(catalog_->Open(name).value());
  EXPECT_EQ(catalog_->PathOf({"main", "default", "EXT"}).value(), path);
  EXPECT_TRUE(catalog_->IsExternal(name).value());
  EXPECT_THAT(catalog_->List().value(), testing::ElementsAre(name));
  ASSERT_TRUE(catalog_->Drop(name).ok());
  EXPECT_THAT(catalog_->List().value(), testing::IsEmpty());
  EXPECT_TRUE(std::filesystem::exists(path + "/_delta_log"));
}

TEST_F(CatalogTest, AnotherLocationForARegisteredOrManagedTableIsRefused) {
  ASSERT_TRUE(catalog_->RegisterExternal({"main", "default", "ext"}, "/somewhere").ok());
  EXPECT_TRUE(catalog_->RegisterExternal({"main", "default", "ext"}, "/somewhere").ok());
  EXPECT_EQ(catalog_->RegisterExternal({"main", "default", "ext"}, "/other").error().code,
            "LOCATION_CHANGED");
  Create(catalog_->Open({"main", "default", "managed"}).value());
  EXPECT_EQ(catalog_->RegisterExternal({"main", "default", "managed"}, "/x").error().code,
            "TABLE_EXISTS");
  EXPECT_EQ(catalog_->RegisterExternal({"main", "default", "y"}, root_ + "/_penstock/event_log")
                .error()
                .code,
            "INVALID_LOCATION");
}

TEST_F(CatalogTest, DropDeletesAManagedTableWithItsQuarantine) {
  const TableName name{"main", "default", "t"};
  Create(catalog_->Open(name).value());
  Create(catalog_->OpenPath(catalog_->layout().QuarantinePath(name)));
  ASSERT_TRUE(catalog_->Drop(name).ok());
  EXPECT_FALSE(std::filesystem::exists(catalog_->layout().TablePath(name)));
  EXPECT_FALSE(std::filesystem::exists(catalog_->layout().QuarantinePath(name)));
  EXPECT_FALSE(catalog_->Open(name).value()->Exists().value());
}

TEST_F(CatalogTest, EventLogIsReadByItsNameUnlessATableHasIt) {
  const TableName name{"main", "default", "Event_Log"};
  EXPECT_EQ(catalog_->PathToRead(name).value(), catalog_->layout().EventLogPath());
  EXPECT_NE(catalog_->PathOf(name).value(), catalog_->layout().EventLogPath());
  Create(catalog_->Open(name).value());
  EXPECT_EQ(catalog_->PathToRead(name).value(), catalog_->PathOf(name).value());
}

TEST_F(CatalogTest, EmptyAndOverlongNamesAreRefused) {
  EXPECT_EQ(catalog_->PathOf({"main", "", "t"}).error().code, "INVALID_TABLE_NAME");
  EXPECT_EQ(catalog_->PathOf({"main", "default", std::string(300, 'x')}).error().code,
            "INVALID_TABLE_NAME");
}

}  // namespace
}  // namespace penstock::catalog
