#include <gtest/gtest.h>

#include <fstream>
#include <optional>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "base/text.h"
#include "duck/engine.h"
#include "duck/spark/functions.h"
#include "sql/query/function_names.h"
#include "sql/query/query.h"

namespace penstock {
namespace {

std::string FileText(const std::string& path) {
  std::ifstream file(std::string(PENSTOCK_SOURCE_DIR) + "/" + path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

// One line of functions.test.
struct Case {
  std::string expression;
  std::string expected;  // "value :: type", or "ERROR"
};

std::vector<Case> Cases() {
  std::vector<Case> cases;
  std::istringstream lines(FileText("src/duck/spark/functions.test"));
  for (std::string line; std::getline(lines, line);) {
    const size_t arrow = line.rfind(" => ");
    if (line.empty() || line[0] == '#' || arrow == std::string::npos) continue;
    std::string expected = line.substr(arrow + 4);
    if (const size_t note = expected.rfind(" # "); note != std::string::npos) {
      expected.resize(note);
    }
    cases.push_back({line.substr(0, arrow), expected});
  }
  return cases;
}

class SparkFunctionsTest : public testing::Test {
 protected:
  void SetUp() override {
    duck::EngineOptions options;
    options.threads = 1;
    auto engine = duck::Engine::Open(options);
    ASSERT_TRUE(engine.ok()) << ToString(engine.error());
    engine_ = *std::move(engine);
    auto connection = engine_->Connect();
    ASSERT_TRUE(connection.ok());
    connection_.emplace(*std::move(connection));
  }

  // "value :: type" of the expression, or the error.
  Result<std::string> Evaluate(const std::string& expression) {
    model::QueryText text;
    text.text = "SELECT " + expression;
    text.where = {"line.sql", 1, 1};
    ASSIGN_OR_RETURN(const sql::Query query, sql::TranslateQuery(text, {}));
    ASSIGN_OR_RETURN(duck::ResultSet rows, connection_->Query(query.text));
    ASSIGN_OR_RETURN(const Schema columns, rows.Columns());
    ASSIGN_OR_RETURN(const bool any, rows.NextChunk());
    if (!any) return std::string("no rows");
    const std::string value = rows.IsNull(0, 0) ? "NULL" : rows.Text(0, 0);
    return value + " :: " + ToString(columns[0].type);
  }

  std::unique_ptr<duck::Engine> engine_;
  std::optional<duck::Connection> connection_;
};

TEST_F(SparkFunctionsTest, EveryLineGivesWhatSparkGives) {
  const std::vector<Case> cases = Cases();
  ASSERT_GT(cases.size(), 500u);
  for (const Case& line : cases) {
    const Result<std::string> result = Evaluate(line.expression);
    if (line.expected == "ERROR") {
      EXPECT_FALSE(result.ok()) << line.expression << " gave " << (result.ok() ? *result : "");
    } else if (result.ok()) {
      EXPECT_EQ(*result, line.expected) << line.expression;
    } else {
      ADD_FAILURE() << line.expression << "\n" << ToString(result.error());
    }
  }
}

TEST_F(SparkFunctionsTest, EveryRenamedFunctionHasALine) {
  std::string lines;
  for (const Case& line : Cases()) lines += AsciiLower(line.expression) + "\n";
  for (const std::string& name : sql::RenamedFunctions()) {
    const std::regex call("(^|[^a-z0-9_])" + name + "\\(");
    EXPECT_TRUE(std::regex_search(lines, call)) << name;
  }
}

TEST_F(SparkFunctionsTest, EveryMacroOfThePackIsMade) {
  for (const std::string& name : duck::SparkFunctionNames()) {
    const Status made = connection_->Execute("SELECT '" + name + "'");
    EXPECT_TRUE(made.ok()) << name << ": " << (made.ok() ? "" : ToString(made.error()));
  }
}

TEST_F(SparkFunctionsTest, EveryNameThatIsWrittenForAnotherExists) {
  std::set<std::string> known;
  for (const std::string& name : duck::SparkFunctionNames()) known.insert(name);
  for (const std::string& name : duck::SparkScalarFunctionNames()) known.insert(name);
  for (const std::string& name : sql::RenamedFunctions()) {
    const std::string pack = *sql::PackName(name);
    EXPECT_TRUE(!pack.starts_with("spark_") || known.contains(pack)) << name << " -> " << pack;
  }
}

TEST_F(SparkFunctionsTest, DocumentationNamesWhatIsRenamedAndWhatIsMissing) {
  const std::string page = FileText("docs/sql.md");
  for (const std::string& name : sql::RenamedFunctions()) {
    EXPECT_NE(page.find("`" + name + "`"), std::string::npos) << name;
  }
  for (const std::string& name : sql::MissingFunctions()) {
    EXPECT_NE(page.find("`" + name + "`"), std::string::npos) << name;
  }
}

TEST_F(SparkFunctionsTest, FunctionsThatAreNotThereSayWhatToUse) {
  const Result<std::string> result = Evaluate("input_file_name()");
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().code, "UNSUPPORTED_FUNCTION");
  EXPECT_EQ(result.error().remedy, "Use _metadata.file_path.");
  EXPECT_EQ(result.error().where.column, 8);
}

TEST_F(SparkFunctionsTest, ATranslatedErrorLeadsBackToTheUsersText) {
  model::QueryText text;
  text.text = "SELECT CAST('1' AS INT),\n  misspelt FROM VALUES (1) AS t(a)";
  text.where = {"line.sql", 1, 1};
  const Result<sql::Query> query = sql::TranslateQuery(text, {});
  ASSERT_TRUE(query.ok());
  ASSERT_FALSE(connection_->Query(query->text).ok());
  ASSERT_TRUE(connection_->LastErrorOffset().has_value());
  const size_t original = query->map.Original(*connection_->LastErrorOffset());
  EXPECT_EQ(sql::LocationAt(text, original), (SourceLocation{"line.sql", 2, 3}));
}

}  // namespace
}  // namespace penstock
