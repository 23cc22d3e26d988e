#include "duck/scan/byte_source.h"

#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <atomic>
#include <fstream>

#include "duck/scan/scan_fixture.h"

namespace penstock::duck {
namespace {

std::string Gzip(const std::string& text) {
  z_stream stream{};
  deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
  std::string packed(compressBound(text.size()) + 64, 0);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  deflate(&stream, Z_FINISH);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  return packed;
}

std::string Zstd(const std::string& text) {
  std::string packed(ZSTD_compressBound(text.size()), 0);
  packed.resize(ZSTD_compress(packed.data(), packed.size(), text.data(), text.size(), 3));
  return packed;
}

std::string ManyRecords() {
  std::string text;
  for (int i = 0; i < 200000; ++i) text += "{\"a\":" + std::to_string(i) + "}\n";
  return text;
}

TEST_F(ScanTest, ArchivesAreUnpackedByName) {
  const std::string text = ManyRecords();
  const std::string counts = "200000|19999900000\n";
  EXPECT_EQ(Rows(Spec({Write("x.json.gz", Gzip(text))}, "a BIGINT"), "count(*), sum(a)"), counts);
  EXPECT_EQ(Rows(Spec({Write("x.json.zst", Zstd(text))}, "a BIGINT"), "count(*), sum(a)"), counts);
  EXPECT_EQ(
      Rows(Spec({Write("two.json.gz", Gzip("{\"a\":1}\n") + Gzip("{\"a\":2}\n"))}, "a BIGINT")),
      "1\n2\n");
}

TEST_F(ScanTest, ATruncatedArchiveIsNamed) {
  for (const auto& [name, packed] :
       {std::pair<std::string, std::string>{"x.json.gz", Gzip(ManyRecords())},
        {"x.json.zst", Zstd(ManyRecords())}}) {
    const std::string path = Write(name, packed.substr(0, packed.size() / 2));
    const std::string error = Rows(Spec({path}, "a BIGINT"), "count(*)");
    EXPECT_NE(error.find("FILE_TRUNCATED: " + path), error.npos) << error;
  }
}

TEST_F(ScanTest, Utf16IsConverted) {
  const std::string text = "{\"a\":1}\n";
  std::string wide = "\xFF\xFE";
  for (const char c : text) wide += std::string{c, 0};
  ScanSpec spec = Spec({Write("x.json", wide)}, "a INT");
  spec.encoding = "UTF-16";
  EXPECT_EQ(Rows(spec), "1\n");
  spec.encoding = "no-such";
  EXPECT_NE(Rows(spec).find("BAD_OPTION"), std::string::npos);
}

TEST_F(ScanTest, ACharacterThatGrowsWhereTheReaderHasNoRoomIsConverted) {
  ScanSpec spec = Spec({Write("x.txt", "\xE9\xE9\n\x80")}, "value STRING", FileFormat::kText);
  spec.encoding = "windows-1252";
  EXPECT_EQ(Rows(spec), "éé\n€\n");
}

constexpr int64_t kMost = 300'000;

// A store that gives files of this machine under other names, at most `kMost` bytes at once.
RangeReader StoreOf(const std::filesystem::path& folder, std::atomic<int>* requests) {
  return [folder, requests](const ScanFile& file, int64_t offset,
                            int64_t length) -> Result<std::string> {
    ++*requests;
    std::ifstream stream(folder / std::filesystem::path(file.path).filename(), std::ios::binary);
    if (!stream) return SystemError("NOT_FOUND", "there is no " + file.path);
    stream.seekg(offset);
    std::string bytes(static_cast<size_t>(std::min(length, kMost)), '\0');
    stream.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    bytes.resize(static_cast<size_t>(stream.gcount()));
    return bytes;
  };
}

TEST_F(ScanTest, FilesOfAStoreAreReadInRangesByAllThreads) {
  std::string text;
  for (int i = 0; text.size() < (size_t{20} << 20); ++i)
    text += "{\"a\":" + std::to_string(i) + "}\n";
  const auto lines = std::count(text.begin(), text.end(), '\n');
  std::atomic<int> requests{0};
  for (const auto& [name, bytes] :
       {std::pair<std::string, std::string>{"x.json", text}, {"x.json.gz", Gzip(text)}}) {
    ScanSpec spec = Spec({Write(name, bytes)}, "a BIGINT");
    spec.files[0].path = "s3://b/" + name;
    spec.ranges = StoreOf(folder_, &requests);
    EXPECT_EQ(Rows(spec, "count(*), sum(a)"),
              std::to_string(lines) + "|" + std::to_string(lines * (lines - 1) / 2) + "\n");
  }
  EXPECT_GT(requests, 60);
}

TEST_F(ScanTest, AFileOfAStoreThatChangedOrWentIsNamed) {
  std::atomic<int> requests{0};
  ScanSpec spec = Spec({Write("x.json", "{\"a\":1}\n")}, "a INT");
  spec.ranges = StoreOf(folder_, &requests);
  spec.files[0].path = "s3://b/x.json";
  spec.files[0].size = 100;
  EXPECT_NE(Rows(spec).find("FILE_CHANGED: s3://b/x.json"), std::string::npos) << Rows(spec);
  spec.files[0].path = "s3://b/gone.json";
  EXPECT_NE(Rows(spec).find("FILE_VANISHED: s3://b/gone.json"), std::string::npos) << Rows(spec);
}

TEST_F(ScanTest, ABadRecordOfAStoreIsNamedByItsLine) {
  std::atomic<int> requests{0};
  ScanSpec spec = Spec({Write("x.json", "{\"a\":1}\n\n{\"a\":\n")}, "a INT");
  spec.ranges = StoreOf(folder_, &requests);
  spec.files[0].path = "s3://b/x.json";
  spec.mode = ParseMode::kFailFast;
  EXPECT_NE(Rows(spec).find("s3://b/x.json:3"), std::string::npos) << Rows(spec);
}

}  // namespace
}  // namespace penstock::duck
