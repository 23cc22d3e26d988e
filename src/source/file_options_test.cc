#include "source/file_options.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "source/option_table.h"

namespace penstock::source {
namespace {

using Options = std::map<std::string, std::string>;

std::string ErrorOf(const Options& options, const std::string& format = "json") {
  const auto parsed = ParseFileOptions(format, options, true);
  return parsed.ok() ? "" : parsed.error().code + ": " + ToString(parsed.error());
}

TEST(FileOptions, DefaultsOfReadFilesAndCloudFilesDiffer) {
  const auto read_files = ParseFileOptions("json", {}, true);
  const auto cloud_files = ParseFileOptions("json", {}, false);
  ASSERT_TRUE(read_files.ok() && cloud_files.ok());
  EXPECT_TRUE(read_files->infer_column_types);
  EXPECT_FALSE(cloud_files->infer_column_types);
  EXPECT_EQ(read_files->rescued_data_column, "_rescued_data");
  EXPECT_EQ(read_files->max_files_per_trigger, 1000);
  EXPECT_FALSE(read_files->max_bytes_per_trigger);
  EXPECT_TRUE(read_files->include_existing_files);
  EXPECT_EQ(read_files->evolution, SchemaEvolutionMode::kAddNewColumns);
}

TEST(FileOptions, AGivenSchemaSwitchesEvolutionAndRescueOff) {
  const auto parsed = ParseFileOptions("JSON", {{"schema", "a INT"}}, true);
  ASSERT_TRUE(parsed.ok());
  EXPECT_EQ(parsed->format, "json");
  EXPECT_EQ(parsed->evolution, SchemaEvolutionMode::kNone);
  EXPECT_FALSE(parsed->rescued_data_column);
  EXPECT_NE(ErrorOf({{"schema", "a INT"}, {"schemaEvolutionMode", "addNewColumns"}}), "");
  EXPECT_EQ(ErrorOf({{"schemaHints", "a INT"}, {"schemaEvolutionMode", "addNewColumns"}}), "");
}

TEST(FileOptions, PrefixAndCaseOfNamesDoNotMatter) {
  const auto parsed = ParseFileOptions(
      "",
      {{"cloudFiles.format", "csv"}, {"CLOUDFILES.MAXBYTESPERTRIGGER", "10g"}, {"HEADER", "true"}},
      false);
  ASSERT_TRUE(parsed.ok()) << ToString(parsed.error());
  EXPECT_EQ(parsed->format, "csv");
  EXPECT_EQ(parsed->max_bytes_per_trigger, int64_t{10} << 30);
  EXPECT_EQ(parsed->parsing.at("header"), "true");
}

TEST(FileOptions, AnUnknownOptionProposesTheNearest) {
  const std::string error = ErrorOf({{"schemaHint", "a INT"}});
  EXPECT_NE(error.find("UNKNOWN_OPTION"), error.npos);
  EXPECT_NE(error.find("schemaHints"), error.npos) << error;
}

TEST(FileOptions, ASchemaWithOneNameTwiceIsRefused) {
  const std::string error = ErrorOf({{"schema", "id INT, s STRING, ID INT"}});
  EXPECT_NE(error.find("DUPLICATE_COLUMN"), error.npos);
  EXPECT_NE(error.find("ID"), error.npos) << error;
}

TEST(FileOptions, WrongValuesAreNamed) {
  for (const auto& [name, value] : Options{{"multiLine", "yes"},
                                           {"maxFilesPerTrigger", "0"},
                                           {"maxBytesPerTrigger", "10x"},
                                           {"mode", "LOOSE"},
                                           {"modifiedAfter", "soon"},
                                           {"schemaEvolutionMode", "x"}}) {
    const std::string error = ErrorOf({{name, value}});
    EXPECT_NE(error.find("BAD_OPTION"), error.npos) << name;
    EXPECT_NE(error.find("\"" + value + "\""), error.npos) << error;
  }
  EXPECT_NE(ErrorOf({{"schema", "a NONSENSE"}}), "");
  EXPECT_NE(ErrorOf({{"quote", "''"}}, "csv").find("BAD_OPTION"), std::string::npos);
}

TEST(FileOptions, WhatCannotBeHonouredIsRefusedByName) {
  EXPECT_NE(ErrorOf({{"cloudFiles.useNotifications", "true"}}).find("UNSUPPORTED_OPTION"),
            std::string::npos);
  EXPECT_EQ(ErrorOf({{"cloudFiles.useNotifications", "false"}}), "");
  EXPECT_NE(ErrorOf({{"cloudFiles.cleanSource", "DELETE"}}).find("cleanSource"), std::string::npos);
  EXPECT_EQ(ErrorOf({{"cloudFiles.schemaLocation", "/x"}}), "");
}

TEST(FileOptions, OptionsOfAnotherFormatHaveNoEffect) {
  EXPECT_EQ(ErrorOf({{"header", "true"}}, "json"), "");
  EXPECT_EQ(ErrorOf({{"inferColumnTypes", "true"}}, "parquet"), "");
  EXPECT_NE(ErrorOf({{"headder", "true"}}, "json").find("header"), std::string::npos);
}

TEST(FileOptions, TimesAreReadAsUtcUnlessTheySayOtherwise) {
  const auto parsed = ParseFileOptions(
      "json", {{"modifiedAfter", "2024-01-31"}, {"modifiedBefore", "2024-01-31T12:00:00.5+02:00"}},
      true);
  ASSERT_TRUE(parsed.ok()) << ToString(parsed.error());
  EXPECT_EQ(*parsed->modified_after, 1706659200000000);
  EXPECT_EQ(*parsed->modified_before, 1706695200000000);
}

TEST(FileOptions, EveryOptionIsDocumented) {
  const auto source = std::filesystem::path(__FILE__).parent_path();
  std::ifstream file(source / "../../docs/files.md");
  if (!file) file.open("docs/files.md");
  if (!file) GTEST_SKIP() << "the sources are not where the test was built";
  std::stringstream text;
  text << file.rdbuf();
  for (const OptionRow& row : OptionTable()) {
    EXPECT_NE(text.str().find("`" + std::string(row.name) + "`"), std::string::npos) << row.name;
  }
}

}  // namespace
}  // namespace penstock::source
