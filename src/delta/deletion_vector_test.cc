#include "delta/deletion_vector.h"

#include <gtest/gtest.h>

#include "base/text.h"
#include "delta/row_set_codec.h"
#include "io/temp_folder.h"

namespace penstock::delta {
namespace {

constexpr char kUuid[] = "d2c639aa-8816-431a-aaf6-d3fe2512ff61";
// Of PROTOCOL.md, "JSON Example 3 — Inline".
const DeletionVector kInlineExample{"i", "wi5b=000010000siXQKl0rr91000f55c8Xg0@@D72lkbi5=-{L",
                                    std::nullopt, 40, 6};
const DeletedRows kExampleRows = RowSet::Of({3, 4, 7, 11, 18, 29});

DeletedRows DenseRows() {
  std::vector<int64_t> rows;
  for (int64_t row = 0; row < 300000; row += row < 100000 ? 2 : 1) rows.push_back(row);
  rows.push_back(int64_t{5} << 32);
  rows.push_back((int64_t{5} << 32) + 1000000);
  return RowSet::Of(std::move(rows));
}

// The message of the refusal; every one has the same code.
std::string Refusal(const DeletionVector& vector, std::string_view bytes = "") {
  const auto rows = DecodeVector(vector, bytes, "part-0.parquet");
  if (rows.ok()) return "read";
  EXPECT_EQ(rows.error().code, "BAD_DELETION_VECTOR");
  return rows.error().message;
}

TEST(DeletionVectorTest, TheInlineExampleOfTheProtocolIsRead) {
  const auto rows = DecodeVector(kInlineExample, "", "part-0.parquet");
  ASSERT_TRUE(rows.ok()) << ToString(rows.error());
  EXPECT_EQ(*rows, kExampleRows);
  EXPECT_EQ(UniqueId(kInlineExample), "i" + kInlineExample.path_or_inline);
}

TEST(DeletionVectorTest, TheRelativeExampleOfTheProtocolNamesItsFile) {
  const DeletionVector vector{"u", "ab^-aqEH.-t@S}K{vb[*k^", 4, 40, 6};
  const auto place = PlaceOf("/mytable", vector, "part-0.parquet");
  ASSERT_TRUE(place.ok() && *place);
  EXPECT_EQ((*place)->path, std::string("/mytable/ab/deletion_vector_") + kUuid + ".bin");
  EXPECT_EQ((*place)->offset, 4);
  EXPECT_EQ((*place)->length, 48);
  EXPECT_EQ(UniqueId(vector), "uab^-aqEH.-t@S}K{vb[*k^@4");
}

TEST(DeletionVectorTest, AbsolutePathsAreTakenAsTheyAre) {
  const auto path = [](const std::string& text) {
    return PlaceOf("/t", {"p", text, 1, 40, 6}, "f").value()->path;
  };
  EXPECT_EQ(path("file:///a/deletion%20vector.bin"), "/a/deletion vector.bin");
  EXPECT_EQ(path("/a/v.bin"), "/a/v.bin");
  EXPECT_EQ(path("s3://bucket/v.bin"), "s3://bucket/v.bin");
}

TEST(DeletionVectorTest, RowsOfEveryKindSurviveInlineAndAsAFile) {
  io::TempFolder folder;
  const auto storage = io::NewLocalStorage();
  const std::vector<DeletedRows> all = {kExampleRows, DenseRows(), RowSet::Of({0})};
  const VectorFile file = NewVectorFile(all, kUuid);
  EXPECT_EQ(file.path, std::string("deletion_vector_") + kUuid + ".bin");
  ASSERT_TRUE(storage->Write(folder / file.path, file.bytes).ok());
  ASSERT_EQ(file.vectors.size(), all.size());
  for (size_t i = 0; i < all.size(); ++i) {
    EXPECT_EQ(file.vectors[i].cardinality, all[i].size());
    for (const DeletionVector& vector : {file.vectors[i], InlineVector(all[i])}) {
      const auto rows = ReadVector(*storage, folder.path(), vector, "part-0.parquet");
      ASSERT_TRUE(rows.ok()) << ToString(rows.error());
      EXPECT_EQ(*rows, all[i]);
    }
  }
  EXPECT_EQ(file.vectors[0].path_or_inline, "^-aqEH.-t@S}K{vb[*k^");
  EXPECT_EQ(file.vectors[0].offset, 1);
}

TEST(DeletionVectorTest, TheOlderFormatIsReadWithEitherOrderOfBytes) {
  // Its two bitmaps are those of the portable format, each behind its size.
  const std::string first = EncodeRowSet(RowSet::Of({1, 5})).substr(16);
  const std::string second = EncodeRowSet(RowSet::Of({(int64_t{1} << 32) + 7})).substr(16);
  for (const bool big_endian : {false, true}) {
    const auto number = [&](size_t value) {
      std::string bytes;
      for (int shift = 0; shift < 32; shift += 8) bytes += static_cast<char>(value >> shift);
      return big_endian ? std::string(bytes.rbegin(), bytes.rend()) : bytes;
    };
    const std::string bytes = number(1681511376) + number(2) + number(first.size()) + first +
                              number(second.size()) + second;
    const auto rows = DecodeRowSet(bytes, "it");
    ASSERT_TRUE(rows.ok()) << ToString(rows.error());
    EXPECT_EQ(*rows, RowSet::Of({1, 5, (int64_t{1} << 32) + 7}));
  }
}

TEST(DeletionVectorTest, WhatTheLogSaysWrongIsNamedWithFieldAndFile) {
  DeletionVector vector = kInlineExample;
  vector.cardinality = 7;
  EXPECT_EQ(Refusal(vector),
            "the deletion vector of part-0.parquet cannot be read: its cardinality is 7 and it "
            "deletes 6 rows");
  vector = kInlineExample;
  vector.size_in_bytes = 44;
  EXPECT_NE(Refusal(vector).find("sizeInBytes"), std::string::npos);
  vector.size_in_bytes = -1;
  EXPECT_NE(Refusal(vector).find("sizeInBytes is -1"), std::string::npos);
  vector = kInlineExample;
  vector.path_or_inline = "no base 85";
  EXPECT_NE(Refusal(vector).find("base-85"), std::string::npos);
  const auto place = [](const DeletionVector& bad) {
    return PlaceOf("/t", bad, "part-0.parquet").error().message;
  };
  EXPECT_NE(place({"x", "", 1, 4, 1}).find("storageType is 'x'"), std::string::npos);
  EXPECT_NE(place({"u", "short", 1, 4, 1}).find("UUID"), std::string::npos);
  EXPECT_NE(place({"u", "../^-aqEH.-t@S}K{vb[*k^", 1, 4, 1}).find("leads out"), std::string::npos);
  EXPECT_NE(place({"p", "/a", -4, 4, 1}).find("offset is -4"), std::string::npos);
}

TEST(DeletionVectorTest, AFileThatIsNotAsWrittenIsRefused) {
  const VectorFile file = NewVectorFile({kExampleRows}, kUuid);
  const DeletionVector& vector = file.vectors[0];
  const std::string framed = file.bytes.substr(1);
  EXPECT_EQ(Refusal(vector, framed), "read");
  EXPECT_NE(Refusal(vector, framed.substr(0, framed.size() - 1)).find("ends before"),
            std::string::npos);
  for (size_t i = 4; i < framed.size(); ++i) {
    std::string flipped = framed;
    flipped[i] ^= 1;
    EXPECT_NE(Refusal(vector, flipped).find("checksum"), std::string::npos) << i;
  }
  std::string other_size = framed;
  other_size[3] ^= 1;
  EXPECT_NE(Refusal(vector, other_size).find("sizeInBytes"), std::string::npos);
}

TEST(DeletionVectorTest, EveryCutAndEveryFlippedByteIsRefusedOrASet) {
  for (const DeletedRows& rows : {kExampleRows, RowSet::Of({1, 2, 3, 4, 5, 6, 7, 8, 70000})}) {
    const std::string bytes = EncodeRowSet(rows);
    for (size_t length = 0; length < bytes.size(); ++length) {
      EXPECT_FALSE(DecodeRowSet(bytes.substr(0, length), "it").ok()) << length;
    }
    EXPECT_FALSE(DecodeRowSet(bytes + '\0', "it").ok());
    for (size_t i = 0; i < bytes.size() * 8; ++i) {
      std::string flipped = bytes;
      flipped[i / 8] = static_cast<char>(flipped[i / 8] ^ (1 << (i % 8)));
      const auto read = DecodeRowSet(flipped, "it");
      if (!read.ok()) continue;
      const auto again = DecodeRowSet(EncodeRowSet(*read), "again");
      EXPECT_TRUE(again.ok() && *again == *read) << i;
    }
  }
}

TEST(DeletionVectorTest, ABitmapThatPromisesMoreThanItHasIsRefused) {
  std::string bytes = EncodeRowSet(kExampleRows);
  bytes[4 + 7] = '\x7F';  // of the number of bitmaps
  EXPECT_FALSE(DecodeRowSet(bytes, "it").ok());
  std::string key = EncodeRowSet(kExampleRows);
  key[15] = '\x80';  // the sign of the key
  EXPECT_FALSE(DecodeRowSet(key, "it").ok());
}

}  // namespace
}  // namespace penstock::delta
