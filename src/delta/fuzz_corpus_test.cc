#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "delta/action_json.h"
#include "delta/checkpoint.h"

// The inputs that the fuzzer starts from or once failed on, as a plain test.
namespace penstock::delta {
namespace {

namespace fs = std::filesystem;

// The tests may be started from the root of the sources or from a folder below it.
fs::path CorpusFolder() {
  for (fs::path folder = fs::current_path();; folder = folder.parent_path()) {
    if (fs::exists(folder / "fuzz/corpus/delta_log_fuzz")) {
      return folder / "fuzz/corpus/delta_log_fuzz";
    }
    if (folder == folder.root_path()) return {};
  }
}

std::string Content(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST(FuzzCorpusTest, EveryInputIsReadOrRefused) {
  const fs::path folder = CorpusFolder();
  ASSERT_FALSE(folder.empty()) << "start this test below the root of the sources";
  int inputs = 0;
  for (const auto& entry : fs::directory_iterator(folder)) {
    SCOPED_TRACE(entry.path().filename());
    ++inputs;
    const std::string text = Content(entry.path());
    const auto last = DecodeLastCheckpoint(text);
    if (last) {
      EXPECT_EQ(DecodeLastCheckpoint(EncodeLastCheckpoint(*last)), last);
    }
    const auto actions = DecodeCommit(text, "corpus");
    if (!actions.ok()) continue;
    const auto again = DecodeCommit(EncodeCommit(*actions), "again");
    ASSERT_TRUE(again.ok());
    EXPECT_EQ(*again, *actions);
  }
  EXPECT_GE(inputs, 9);
}

}  // namespace
}  // namespace penstock::delta
