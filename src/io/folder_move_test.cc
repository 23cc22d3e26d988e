#include "io/folder_move.h"

#include <gtest/gtest.h>

#include "io/storage.h"
#include "io/temp_folder.h"

namespace penstock::io {
namespace {

TEST(FolderMove, AFolderIsMovedAtOnceAndNeverOverAnother) {
  const TempFolder folder;
  const std::unique_ptr<Storage> storage = NewLocalStorage();
  ASSERT_TRUE(storage->CreateFolders(folder / "a/x").ok());
  ASSERT_TRUE(storage->Write(folder / "a/x/f", "1").ok());
  ASSERT_TRUE(MoveFolder(folder / "a", folder / "b/c").ok());
  EXPECT_EQ(storage->Read(folder / "b/c/x/f").value(), "1");
  EXPECT_FALSE(storage->IsFolder(folder / "a").value());
  ASSERT_TRUE(storage->CreateFolders(folder / "d").ok());
  EXPECT_FALSE(MoveFolder(folder / "d", folder / "b/c").ok());
  EXPECT_EQ(storage->Read(folder / "b/c/x/f").value(), "1");
  EXPECT_EQ(MoveFolder(folder / "none", folder / "e").error().code, "NOT_FOUND");
  EXPECT_EQ(MoveFolder("s3://b/a", "s3://b/c").error().code, "NOT_SUPPORTED_BY_STORE");
}

}  // namespace
}  // namespace penstock::io
