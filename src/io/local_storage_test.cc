#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <functional>
#include <thread>

#include "io/storage.h"
#include "io/temp_folder.h"

namespace penstock::io {
namespace {

class LocalStorageTest : public ::testing::Test {
 protected:
  std::vector<std::string> Names(const Result<std::vector<FileInfo>>& listing) {
    EXPECT_TRUE(listing.ok());
    std::vector<std::string> names;
    for (const FileInfo& file : *listing) {
      names.push_back(file.path.substr(folder_.path().size() + 1));
    }
    return names;
  }

  TempFolder folder_;
  std::unique_ptr<Storage> storage_ = NewLocalStorage();
};

TEST_F(LocalStorageTest, WriteReplacesTheWholeFile) {
  const std::string path = folder_ / "f";
  ASSERT_TRUE(storage_->Write(path, "a longer text").ok());
  ASSERT_TRUE(storage_->Write(path, "short").ok());
  EXPECT_EQ(*storage_->Read(path), "short");
  EXPECT_EQ((*storage_->Stat(path))->size, 5);
  EXPECT_EQ(Names(storage_->List(folder_.path())), std::vector<std::string>{"f"});
}

TEST_F(LocalStorageTest, ReadRangeStopsAtTheEndOfTheFile) {
  const std::string path = folder_ / "f";
  ASSERT_TRUE(storage_->Write(path, "0123456789").ok());
  EXPECT_EQ(*storage_->ReadRange(path, 2, 3), "234");
  EXPECT_EQ(*storage_->ReadRange(path, 8, 100), "89");
  EXPECT_EQ(*storage_->ReadRange(path, 50, 1), "");
  EXPECT_EQ(*storage_->ReadRange(path, 0, 0), "");
}

TEST_F(LocalStorageTest, ReadsFilesWhoseSizeIsNotKnownBefore) {
  EXPECT_NE(storage_->Read("/proc/self/status")->find("Pid:"), std::string::npos);
}

TEST_F(LocalStorageTest, ErrorsNameTheReasonAndThePath) {
  const Error missing = storage_->Read(folder_ / "none").error();
  EXPECT_EQ(missing.code, "NOT_FOUND");
  EXPECT_EQ(missing.kind, ErrorKind::kSystem);
  EXPECT_NE(missing.message.find(folder_ / "none"), std::string::npos);
  EXPECT_FALSE(missing.remedy.empty());
  EXPECT_EQ(storage_->Read(folder_.path()).error().code, "IS_A_FOLDER");
  ASSERT_TRUE(storage_->Write(folder_ / "f", "x").ok());
  EXPECT_EQ(storage_->Write(folder_ / "f/g", "x").error().code, "NOT_A_FOLDER");
  EXPECT_EQ(storage_->Write(folder_ / "none/g", "x").error().code, "NOT_FOUND");
  EXPECT_EQ(storage_->CreateFolders(folder_ / "f").error().code, "NOT_A_FOLDER");
  EXPECT_EQ(storage_->Write(folder_ / std::string(300, 'n'), "x").error().code, "NAME_TOO_LONG");
  EXPECT_EQ(storage_->List(folder_ / "f").error().code, "NOT_A_FOLDER");
}

TEST_F(LocalStorageTest, MissingThingsAreNoErrorWhereTheContractSaysSo) {
  EXPECT_TRUE(storage_->List(folder_ / "none")->empty());
  EXPECT_TRUE(storage_->ListFolders(folder_ / "none")->empty());
  EXPECT_TRUE(storage_->ListRecursive(folder_ / "none")->empty());
  EXPECT_FALSE(storage_->Stat(folder_ / "none")->has_value());
  EXPECT_FALSE(*storage_->IsFolder(folder_ / "none"));
  EXPECT_TRUE(storage_->Delete(folder_ / "none").ok());
  EXPECT_TRUE(storage_->DeleteTree(folder_ / "none").ok());
}

TEST_F(LocalStorageTest, FoldersAreListedByNameWithoutFilesAndWithoutWhatIsBelow) {
  ASSERT_TRUE(storage_->CreateFolders(folder_ / "b/inner").ok());
  ASSERT_TRUE(storage_->CreateFolders(folder_ / "a").ok());
  ASSERT_TRUE(storage_->Write(folder_ / "file", "x").ok());
  EXPECT_EQ(*storage_->ListFolders(folder_.path()), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(storage_->ListFolders(folder_ / "file").error().code, "NOT_A_FOLDER");
}

TEST_F(LocalStorageTest, AppendAddsAndCreates) {
  ASSERT_TRUE(storage_->Append(folder_ / "f", "one\n").ok());
  ASSERT_TRUE(storage_->Append(folder_ / "f", "two\n").ok());
  EXPECT_EQ(*storage_->Read(folder_ / "f"), "one\ntwo\n");
}

TEST_F(LocalStorageTest, ListingsAreSortedAndHideTemporaryFiles) {
  ASSERT_TRUE(storage_->CreateFolders(folder_ / "a/b").ok());
  for (const char* name : {"z", "a/2", "a/b/1", ".hidden", ".penstock-tmp-1-dead"}) {
    std::ofstream(folder_ / name) << "x";
  }
  EXPECT_EQ(Names(storage_->List(folder_.path())), (std::vector<std::string>{".hidden", "z"}));
  EXPECT_EQ(Names(storage_->ListRecursive(folder_.path())),
            (std::vector<std::string>{".hidden", "a/2", "a/b/1", "z"}));
}

TEST_F(LocalStorageTest, ListRecursiveFollowsLinksButNoCycles) {
  ASSERT_TRUE(storage_->CreateFolders(folder_ / "a/b").ok());
  ASSERT_TRUE(storage_->CreateFolders(folder_ / "elsewhere").ok());
  std::ofstream(folder_ / "a/b/1") << "x";
  std::ofstream(folder_ / "elsewhere/2") << "x";
  std::filesystem::create_directory_symlink(folder_ / "a", folder_ / "a/b/up");
  std::filesystem::create_directory_symlink(folder_ / "elsewhere", folder_ / "a/link");
  std::filesystem::create_symlink(folder_ / "gone", folder_ / "a/broken");
  std::filesystem::create_symlink(folder_ / "a/self", folder_ / "a/self");
  EXPECT_EQ(Names(storage_->ListRecursive(folder_ / "a")),
            (std::vector<std::string>{"a/b/1", "a/link/2"}));
}

TEST_F(LocalStorageTest, DeleteTreeDoesNotFollowLinks) {
  ASSERT_TRUE(storage_->CreateFolders(folder_ / "a").ok());
  ASSERT_TRUE(storage_->CreateFolders(folder_ / "kept").ok());
  std::ofstream(folder_ / "kept/file") << "x";
  std::filesystem::create_directory_symlink(folder_ / "kept", folder_ / "a/link");
  ASSERT_TRUE(storage_->DeleteTree(folder_ / "a").ok());
  EXPECT_FALSE(*storage_->IsFolder(folder_ / "a"));
  EXPECT_TRUE(storage_->Stat(folder_ / "kept/file")->has_value());
  EXPECT_FALSE(storage_->DeleteTree("/").ok());
}

TEST_F(LocalStorageTest, PutIfAbsentKeepsWhatIsThere) {
  EXPECT_EQ(*storage_->PutIfAbsent(folder_ / "f", "first"), PutOutcome::kCreated);
  EXPECT_EQ(*storage_->PutIfAbsent(folder_ / "f", "second"), PutOutcome::kExists);
  EXPECT_EQ(*storage_->Read(folder_ / "f"), "first");
}

// Each writer tries every name with bytes of its own; a name must end with one writer's bytes,
// whole, and exactly the writer that was told so must own it.
constexpr int kNames = 40;

std::string Payload(int writer) { return std::string(20'000, static_cast<char>('a' + writer)); }

int PutAll(Storage& storage, const TempFolder& folder, int writer) {
  int created = 0;
  for (int name = 0; name < kNames; ++name) {
    const auto put = storage.PutIfAbsent(folder / std::to_string(name), Payload(writer));
    if (put.ok() && *put == PutOutcome::kCreated) ++created;
  }
  return created;
}

void ExpectWholeFiles(Storage& storage, const TempFolder& folder, const std::vector<int>& created) {
  std::vector<int> owned(created.size());
  for (int name = 0; name < kNames; ++name) {
    const auto bytes = storage.Read(folder / std::to_string(name));
    ASSERT_TRUE(bytes.ok());
    const int writer = bytes->front() - 'a';
    ASSERT_EQ(*bytes, Payload(writer));
    ++owned[static_cast<size_t>(writer)];
  }
  EXPECT_EQ(owned, created);
}

TEST_F(LocalStorageTest, PutIfAbsentByManyThreadsHasOneWinnerEach) {
  std::vector<int> created(8);
  std::vector<std::thread> threads;
  for (int writer = 0; writer < 8; ++writer) {
    threads.emplace_back(
        [&, writer] { created[static_cast<size_t>(writer)] = PutAll(*storage_, folder_, writer); });
  }
  for (std::thread& thread : threads) thread.join();
  ExpectWholeFiles(*storage_, folder_, created);
}

TEST_F(LocalStorageTest, PutIfAbsentByManyProcessesHasOneWinnerEach) {
  std::vector<pid_t> children;
  for (int writer = 0; writer < 6; ++writer) {
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) ::_exit(PutAll(*NewLocalStorage(), folder_, writer));
    children.push_back(child);
  }
  std::vector<int> created;
  for (const pid_t child : children) {
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    created.push_back(WEXITSTATUS(status));
  }
  ExpectWholeFiles(*storage_, folder_, created);
}

TEST_F(LocalStorageTest, ReadersNeverSeeHalfOfAWrite) {
  const std::string path = folder_ / "f";
  ASSERT_TRUE(storage_->Write(path, Payload(0)).ok());
  std::atomic<bool> done = false;
  std::thread writer([&] {
    for (int i = 0; i < 200; ++i) EXPECT_TRUE(storage_->Write(path, Payload(i % 2)).ok());
    done = true;
  });
  while (!done) {
    const auto bytes = storage_->Read(path);
    ASSERT_TRUE(bytes.ok());
    ASSERT_TRUE(*bytes == Payload(0) || *bytes == Payload(1));
  }
  writer.join();
}

// Runs `body` in a child process (which may give up rights or lower limits); its result is the exit
// status.
int InChild(const std::function<int()>& body) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(body());
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST_F(LocalStorageTest, AReadOnlyFolderIsNamedAsSuch) {
  const std::string locked = folder_ / "locked";
  ASSERT_TRUE(storage_->CreateFolders(locked).ok());
  ASSERT_EQ(::chmod(folder_.path().c_str(), 0755), 0);
  ASSERT_EQ(::chmod(locked.c_str(), 0555), 0);
  constexpr uid_t kNobody = 65534;
  const int status = InChild([&] {
    if (::geteuid() == 0 && ::setuid(kNobody) != 0) return 77;
    const auto put = storage_->PutIfAbsent(locked + "/f", "x");
    if (put.ok() || put.error().code != "PERMISSION_DENIED") return 1;
    const Status written = storage_->Write(locked + "/f", "x");
    if (written.ok() || written.error().code != "PERMISSION_DENIED") return 2;
    const Status created = storage_->CreateFolders(locked + "/x/y");
    return !created.ok() && created.error().code == "PERMISSION_DENIED" ? 0 : 3;
  });
  if (status == 77) GTEST_SKIP() << "cannot become another user here";
  EXPECT_EQ(status, 0);
}

TEST_F(LocalStorageTest, AFullDiskLeavesTheOldFileAndNoTemporaryOne) {
  const std::string disk = folder_ / "disk";
  ASSERT_TRUE(storage_->CreateFolders(disk).ok());
  if (::mount("tmpfs", disk.c_str(), "tmpfs", 0, "size=64k") != 0) {
    GTEST_SKIP() << "cannot mount a small disk here (needs root)";
  }
  EXPECT_TRUE(storage_->Write(disk + "/f", "old").ok());
  const std::string big(200'000, 'x');
  const Status written = storage_->Write(disk + "/f", big);
  const auto put = storage_->PutIfAbsent(disk + "/g", big);
  const auto kept = storage_->Read(disk + "/f");
  int entries = 0;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(disk)) ++entries;
  ::umount(disk.c_str());
  EXPECT_EQ(written.error().code, "DISK_FULL");
  EXPECT_EQ(put.error().code, "DISK_FULL");
  EXPECT_EQ(*kept, "old");
  EXPECT_EQ(entries, 1);
}

TEST_F(LocalStorageTest, AFileSizeLimitIsNamedAndLeavesNoFile) {
  const int status = InChild([&] {
    const rlimit limit{1000, 1000};
    ::signal(SIGXFSZ, SIG_IGN);
    if (::setrlimit(RLIMIT_FSIZE, &limit) != 0) return 1;
    const auto put = storage_->PutIfAbsent(folder_ / "f", std::string(5000, 'x'));
    return !put.ok() && put.error().code == "FILE_TOO_LARGE" ? 0 : 2;
  });
  EXPECT_EQ(status, 0);
  EXPECT_TRUE(std::filesystem::is_empty(folder_.path()));
}

}  // namespace
}  // namespace penstock::io
