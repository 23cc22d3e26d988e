#include "duck/alias_error.h"

#include <gtest/gtest.h>

#include "duck/engine.h"

namespace penstock::duck {
namespace {

TEST(AliasErrorTest, OtherErrorsAskNothing) {
  EXPECT_EQ(WithOtherAlias("SELECT a AS a", "Table \"a\" does not exist"), std::nullopt);
  EXPECT_EQ(
      WithOtherAlias("SELECT b", "Column \"a\" referenced that exists in the SELECT clause - but"),
      std::nullopt);
}

TEST(AliasErrorTest, TheAliasIsChangedWithoutMovingAnything) {
  const char* message =
      "{\"m\":\"Column \\\"zz\\\" referenced that exists in the SELECT clause - x";
  EXPECT_EQ(WithOtherAlias("SELECT zz AS \"zz\", f(zz) as ZZ, zz AS zzz", message),
            "SELECT zz AS \"~~\", f(zz) as __, zz AS zzz");
}

TEST(AliasErrorTest, AMisspeltColumnUnderItsOwnNameIsReportedWithPlaceAndCandidates) {
  auto engine = Engine::Open({});
  ASSERT_TRUE(engine.ok());
  auto connection = (*engine)->Connect();
  ASSERT_TRUE(connection.ok());
  const std::string sql = "SELECT CAST(rnge AS INTEGER) AS \"rnge\" FROM range(3)";
  for (const bool runs : {true, false}) {
    const Error error = runs ? connection->Execute(sql).error() : connection->Describe(sql).error();
    EXPECT_EQ(error.code, "COLUMN_NOT_FOUND");
    EXPECT_NE((error.message + error.remedy).find("range"), std::string::npos);
    EXPECT_EQ(connection->LastErrorOffset(), 12u);
  }
}

}  // namespace
}  // namespace penstock::duck
