#include <gtest/gtest.h>

#include "base/text.h"
#include "delta/deletion_vector.h"
#include "io/fault_storage.h"
#include "lake/maintenance_fixture.h"

namespace penstock::lake {
namespace {

class CloneTest : public MaintenanceTest {
 protected:
  const std::string target_path_ = folder_ / "the clone";
  delta::Table target_ = OpenAt(target_path_);
};

TEST_F(CloneTest, TheCloneHasTheRowsAndCopiesNothing) {
  CreateTable("id BIGINT, p STRING", {"p"}, {{"mine", "{}"}}, {{"a", "1"}});
  Append("SELECT * FROM (VALUES (1, 'a b'), (2, NULL)) AS t(id, p)");
  CloneRequest request;
  request.properties = {{"a", "2"}, {"b", "3"}};
  const OperationResult result = Must(Clone(lake_, *table_, target_, request));
  EXPECT_EQ(result.version, 0);
  EXPECT_EQ(result.metrics["sourceNumOfFiles"], 2);
  EXPECT_EQ(RowsOf(target_), TableRows());
  for (const auto& file : Must(storage_->ListRecursive(target_path_))) {
    EXPECT_NE(file.path.find("/_delta_log/"), std::string::npos) << file.path;
  }
  const auto snapshot = Must(target_.Latest());
  EXPECT_EQ(snapshot->metadata().configuration, (delta::Configuration{{"a", "2"}, {"b", "3"}}));
  EXPECT_NE(snapshot->metadata().id, Latest()->metadata().id);
  EXPECT_EQ(snapshot->state().domains->count("mine"), 1u);
  for (const auto& file : snapshot->files()) EXPECT_TRUE(file.path.starts_with("file:///"));
}

TEST_F(CloneTest, APastVersionIsClonedAsItWas) {
  CreateTable("id BIGINT");
  Append("SELECT 1");
  Append("SELECT 2");
  CloneRequest request;
  request.of.version = 1;
  Must(Clone(lake_, *table_, target_, request));
  EXPECT_EQ(RowsOf(target_), (std::vector<std::string>{"1"}));
}

TEST_F(CloneTest, WhatHappensToTheCloneLeavesTheSourceAlone) {
  CreateTable("id BIGINT");
  Append("SELECT 1");
  Append("SELECT 2");
  Must(Clone(lake_, *table_, target_, {}));
  Must(Optimize(lake_, target_, {}));
  EXPECT_EQ(Must(target_.Latest())->NumFiles(), 1);
  clock_.AdvanceDays(30);
  VacuumRequest request;
  request.retention_ms = 0;
  request.retention_check = false;
  EXPECT_TRUE(Must(Vacuum(lake_, target_, request)).files.empty());
  EXPECT_EQ(TableRows(), (std::vector<std::string>{"1", "2"}));
  EXPECT_EQ(RowsOf(target_), (std::vector<std::string>{"1", "2"}));
}

TEST_F(CloneTest, AnExistingTargetIsReplacedOnlyWhenAskedFor) {
  CreateTable("id BIGINT");
  Append("SELECT 1");
  Must(Clone(lake_, *table_, target_, {}));
  EXPECT_EQ(Clone(lake_, *table_, target_, {}).error().code, "TABLE_EXISTS");
  CloneRequest request;
  request.if_not_exists = true;
  EXPECT_EQ(Must(Clone(lake_, *table_, target_, request)).version, std::nullopt);
  Append("SELECT 2");
  CloneRequest replace;
  replace.replace = true;
  const OperationResult result = Must(Clone(lake_, *table_, target_, replace));
  EXPECT_EQ(result.version, 1);
  EXPECT_EQ(RowsOf(target_), (std::vector<std::string>{"1", "2"}));
}

TEST_F(CloneTest, AFolderCannotBeSharedWithTheSource) {
  CreateTable("id BIGINT");
  delta::Table inner = OpenAt(path_ + "/inner");
  EXPECT_EQ(Clone(lake_, *table_, inner, {}).error().code, "INVALID_CLONE_TARGET");
  EXPECT_EQ(Clone(lake_, *table_, *table_, {}).error().code, "INVALID_CLONE_TARGET");
}

TEST_F(CloneTest, DeletionVectorsAreNamedByTheirWholePath) {
  CreateTable("id BIGINT");
  Append("SELECT range FROM range(3)");
  const auto base = Latest();
  const auto vectors = delta::NewVectorFile({delta::DeletedRows::Of({1})}, NewUuid());
  ASSERT_TRUE(storage_->Write(path_ + "/" + vectors.path, vectors.bytes).ok());
  delta::Change change;
  change.info.operation = "DELETE";
  change.adds.push_back(base->files().front());
  change.adds.back().deletion_vector = vectors.vectors.front();
  Commit(base, change);
  Must(Clone(lake_, *table_, target_, {}));
  const auto clone = Must(target_.Latest());
  const auto& vector = *clone->files().front().deletion_vector;
  EXPECT_EQ(vector.storage_type, "p");
  EXPECT_EQ(Must(delta::PlaceOf(target_path_, vector, "f"))->path, path_ + "/" + vectors.path);
  EXPECT_EQ(Must(delta::ReadVector(*storage_, target_path_, vector, "f")).size(), 1);
}

TEST_F(CloneTest, StoppedAtAnyWriteThereIsTheCloneOrNone) {
  CreateTable("id BIGINT");
  Append("SELECT 1");
  bool crashed = true;
  for (int64_t stop = 0; crashed; ++stop) {
    const std::string path = folder_ / ("clone" + std::to_string(stop));
    io::FaultStorage faulty(storage_.get(), stop, io::FaultStorage::Torn::kPartly);
    Lake ours = lake_;
    ours.storage = &faulty;
    delta::Table source = OpenWith(&faulty);
    delta::Table faulty_target(&faulty, codec_.get(), path, &clock_);
    (void)Clone(ours, source, faulty_target, {});
    crashed = faulty.crashed();
    delta::Table target = OpenAt(path);
    if (!Must(target.Exists())) continue;
    EXPECT_EQ(RowsOf(target), (std::vector<std::string>{"1"}));
  }
}

}  // namespace
}  // namespace penstock::lake
