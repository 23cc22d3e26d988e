#include <gtest/gtest.h>

#include <fstream>
#include <sstream>
#include <string>

#include "delta/feature_removal.h"
#include "delta/table_features.h"
#include "delta/table_properties.h"

namespace penstock::delta {
namespace {

std::string Page() {
  std::ifstream file("docs/delta.md");
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

std::string Word(Support support) {
  switch (support) {
    case Support::kFull:
      return "yes";
    case Support::kUnlessUsed:
      return "unless used";
    case Support::kNone:
      break;
  }
  return "no";
}

// docs/delta.md has one row for each feature and property, and says what the program does.
TEST(DeltaPageTest, TheTableOfFeaturesIsTheProgramsOwn) {
  const std::string page = Page();
  for (const TableFeature& feature : TableFeatures()) {
    const std::string row = "| " + std::string(feature.name) + " | " + Word(feature.reading) +
                            " | " + Word(feature.writing) + " | " +
                            (CanDrop(feature.name) ? "yes" : "no") + " | 0.1.0 |\n";
    EXPECT_NE(page.find(row), std::string::npos) << row;
  }
}

TEST(DeltaPageTest, TheTableOfPropertiesIsTheProgramsOwn) {
  const std::string page = Page();
  for (const TableProperty& property : TableProperties()) {
    std::string values(property.choices);
    for (size_t at = 0; (at = values.find(',', at)) != std::string::npos; at += 2) {
      values.replace(at, 1, ", ");
    }
    const std::string row =
        "| " + std::string(property.name) + " | " + std::string(property.default_value) + " | " +
        std::string(property.meaning) + (values.empty() ? "" : " (" + values + ")") + " |\n";
    EXPECT_NE(page.find(row), std::string::npos) << row;
  }
}

}  // namespace
}  // namespace penstock::delta
