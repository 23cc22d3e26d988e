#include "sql/project_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "io/temp_folder.h"

namespace penstock::sql {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class ProjectFileTest : public testing::Test {
 protected:
  ProjectFileTest() : storage_(io::NewLocalStorage()) {}

  std::string Write(const std::string& name, const std::string& text) {
    const std::string path = folder_ / name;
    EXPECT_TRUE(storage_->CreateFolders(io::ParentPath(path)).ok());
    EXPECT_TRUE(storage_->Write(path, text).ok());
    return path;
  }
  Result<model::Project> Read(const std::string& text,
                              const std::map<std::string, std::string>& settings = {}) {
    return ReadProjectFile(*storage_, Write("penstock.yml", text), settings);
  }
  Error Refused(const std::string& text) {
    const Result<model::Project> project = Read(text);
    if (!project.ok()) return project.error();
    ADD_FAILURE() << "was accepted: " << text;
    return {};
  }

  const io::TempFolder folder_;
  const std::unique_ptr<io::Storage> storage_;
};

TEST_F(ProjectFileTest, FieldsOfSparkAndOwnOnesAreRead) {
  const model::Project project =
      Read(
          "name: shop\nstorage: ../lake\ncatalog: c\ndatabase: d\ndialect: duckdb\n"
          "libraries:\n  - glob:\n      include: a/**\n  - file: b.sql\n"
          "configuration:\n  n: 5\n  s: 'x y'\n  yes: true\n",
          {{"n", "6"}, {"more", "z"}})
          .value();
  EXPECT_EQ(project.name, "shop");
  EXPECT_EQ(project.storage, io::JoinPath(folder_.path(), "../lake"));
  EXPECT_EQ(project.catalog, "c");
  EXPECT_EQ(project.schema, "d");
  EXPECT_EQ(project.dialect, model::Dialect::kDuckdb);
  EXPECT_THAT(project.libraries, ElementsAre("a/**", "b.sql"));
  EXPECT_EQ(project.configuration, (std::map<std::string, std::string>{
                                       {"n", "6"}, {"s", "x y"}, {"yes", "true"}, {"more", "z"}}));
}

TEST_F(ProjectFileTest, EmptyFileGivesDefaults) {
  const model::Project project = Read("").value();
  EXPECT_EQ(project.name, io::BaseName(folder_.path()));
  EXPECT_EQ(project.storage, folder_ / "storage");
  EXPECT_EQ(project.catalog, "main");
  EXPECT_EQ(project.schema, "default");
}

TEST_F(ProjectFileTest, StorageMayBeAFileUriOrOnS3AndInNoOtherStore) {
  EXPECT_EQ(Read("storage: file:///data/x%20y\n")->storage, "/data/x y");
  EXPECT_EQ(Read("storage: s3a://bucket/x/../y\n")->storage, "s3://bucket/y");
  EXPECT_EQ(Refused("storage: gs://bucket/x\n").code, "UNSUPPORTED_STORAGE");
}

TEST_F(ProjectFileTest, MistakesAreNamedWithTheirPlace) {
  const Error unknown = Refused("name: x\nstorag: y\n");
  EXPECT_EQ(unknown.where.line, 2);
  EXPECT_THAT(unknown.remedy, HasSubstr("Did you mean storage?"));
  EXPECT_EQ(Refused("name: [1, 2]\n").where.line, 1);
  EXPECT_EQ(Refused("libraries: x\n").code, "BAD_PROJECT_FILE");
  EXPECT_EQ(Refused("libraries:\n  - glob: x\n").where.line, 2);
  EXPECT_EQ(Refused("- a\n- b\n").code, "BAD_PROJECT_FILE");
  EXPECT_EQ(Refused("name: [x\n").code, "BAD_PROJECT_FILE");
  EXPECT_THAT(Refused("dialect: spark2\n").message, HasSubstr("spark2"));
}

TEST_F(ProjectFileTest, NearestFileUpwardsIsFoundAndTwoAreAmbiguous) {
  const std::string file = Write("p/spark-pipeline.yml", "");
  Write("p/sub/deep/x.sql", "");
  EXPECT_EQ(FindProjectFile(*storage_, folder_ / "p/sub/deep").value(), file);
  Write("p/penstock.yml", "");
  EXPECT_EQ(FindProjectFile(*storage_, folder_ / "p/sub").error().code, "PROJECT_AMBIGUOUS");
  EXPECT_EQ(FindProjectFile(*storage_, folder_.path()).error().code, "PROJECT_NOT_FOUND");
}

TEST_F(ProjectFileTest, PipelineFilesAreThoseOfTheGlobsWithoutTablesAndHiddenFolders) {
  for (const char* name :
       {"a/1.sql", "a/b/2.sql", "c/3.sql", "storage/tables/x.sql", ".git/4.sql", "5.sql"})
    Write(name, "");
  model::Project project = Read("libraries:\n  - glob: {include: '**/*.sql'}\n").value();
  EXPECT_THAT(PipelineFiles(*storage_, project).value(),
              ElementsAre(folder_ / "5.sql", folder_ / "a/1.sql", folder_ / "a/b/2.sql",
                          folder_ / "c/3.sql"));
  project.libraries = {"5.sql", "a/*.sql"};
  EXPECT_THAT(PipelineFiles(*storage_, project).value(),
              ElementsAre(folder_ / "5.sql", folder_ / "a/1.sql"));
  project.libraries = {"none/**"};
  EXPECT_EQ(PipelineFiles(*storage_, project).error().code, "PROJECT_HAS_NO_FILES");
  Write("a/notes.txt", "");
  project.libraries = {"a/**"};
  const Error other = PipelineFiles(*storage_, project).error();
  EXPECT_EQ(other.code, "UNSUPPORTED_PIPELINE_FILE");
  EXPECT_THAT(other.message, HasSubstr("notes.txt"));
}

}  // namespace
}  // namespace penstock::sql
