#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <keras/error.h>
#include <keras/preprocessing.h>
#include <unistd.h>

#include <cmath>
#include <filesystem>
#include <fstream>

namespace keras {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;
using utils::ReadCsvArgs;
using utils::Table;

class ReadCsv : public ::testing::Test {
 protected:
  void TearDown() override { std::filesystem::remove(path_); }
  Table read(const std::string& text, const ReadCsvArgs& args = {}) const {
    std::ofstream(path_, std::ios::binary) << text;
    return utils::read_csv(path_, args);
  }
  void refuses(const std::string& text, const ReadCsvArgs& args, const std::vector<std::string>& why) const {
    try {
      read(text, args);
      ADD_FAILURE() << "no error for " << text;
    } catch (const ValueError& error) {
      for (const std::string& each : why) EXPECT_THAT(error.what(), HasSubstr(each));
    }
  }
  std::string path_ = ::testing::TempDir() + "keras_csv_" + std::to_string(::getpid()) + ".csv";
};

TEST_F(ReadCsv, NumbersWithAHeader) {
  const Table table = read("a,b\n1,2.5\n-3e2, 4\n");
  EXPECT_THAT(table.columns, ElementsAre("a", "b"));
  EXPECT_EQ(table.values.shape(), Shape({2, 2}));
  EXPECT_EQ(table.values.dtype(), DType::float32);
  EXPECT_THAT(table.values.values<float>(), ElementsAre(1, 2.5, -300, 4));
  EXPECT_EQ(table.length(), 2);
  EXPECT_THAT(table.column("b").values<float>(), ElementsAre(2.5, 4));
  EXPECT_THAT(table.select({"b", "a"}).values<float>(), ElementsAre(2.5, 1, 4, -300));
  EXPECT_THAT(table.drop({"a"}).values<float>(), ElementsAre(2.5, 4));
}

TEST_F(ReadCsv, NoHeaderOtherNamesOtherTypes) {
  EXPECT_THAT(read("1,2\n3,4", {.header = false}).columns, ElementsAre("0", "1"));
  EXPECT_THAT(read("1,2\n3,4", {.header = false, .names = {"x", "y"}}).columns, ElementsAre("x", "y"));
  const Table table = read("old,names\n3,4", {.names = {"x", "y"}, .dtype = DType::int64});
  EXPECT_THAT(table.columns, ElementsAre("x", "y"));
  EXPECT_THAT(table.values.values<std::int64_t>(), ElementsAre(3, 4));
  EXPECT_EQ(read("a;b\n").length(), 0);
}

TEST_F(ReadCsv, LinesAndQuotesOfAnyKind) {
  const auto numbers = [&](const std::string& text, ReadCsvArgs args = {}) {
    const auto values = read(text, args).values;
    const auto span = values.values<float>();
    return std::vector<float>(span.begin(), span.end());
  };
  EXPECT_THAT(numbers("a,b\r\n1,2\r\n\r\n3,4\r\n"), ElementsAre(1, 2, 3, 4));
  EXPECT_THAT(numbers("a,b\r1,2\r"), ElementsAre(1, 2));
  EXPECT_THAT(numbers("\xEF\xBB\xBF"
                      "a,b\n\"1\",\"2\""),
              ElementsAre(1, 2));
  EXPECT_THAT(numbers("a;b\n1;2", {.sep = ';'}), ElementsAre(1, 2));
  EXPECT_THAT(numbers("a\tb\n1\t2", {.sep = '\t'}), ElementsAre(1, 2));
  EXPECT_THAT(numbers("a b\n1 2", {.sep = ' '}), ElementsAre(1, 2));
  EXPECT_THAT(numbers("a comment\nanother, one\na,b\n1,2", {.skip_rows = 2}), ElementsAre(1, 2));
  EXPECT_THAT(read("\"a, \"\"b\"\"\",\"two\nlines\"\n1,2").columns, ElementsAre("a, \"b\"", "two\nlines"));
}

TEST_F(ReadCsv, MissingValues) {
  const Table table = read("a,b\n,1\nNA,2\n?,nan", {.na_values = {"?"}});
  const auto values = table.values.values<float>();
  EXPECT_TRUE(std::isnan(values[0]) && std::isnan(values[2]) && std::isnan(values[4]) && std::isnan(values[5]));
  EXPECT_EQ(values[1], 1);
  EXPECT_THAT(read("a,b\n,1", {.missing = -1}).values.values<float>(), ElementsAre(-1, 1));
}

TEST_F(ReadCsv, TextAsCategories) {
  const Table table = read("sex,n\nM,1\nF,2\nI,3\n,4\nF,5", {.missing = -1, .categories = true});
  EXPECT_THAT(table.column("sex").values<float>(), ElementsAre(2, 0, 1, -1, 0));
  EXPECT_THAT(table.column("n").values<float>(), ElementsAre(1, 2, 3, 4, 5));
  ASSERT_EQ(table.categories.size(), 1u);
  EXPECT_THAT(table.categories.at("sex"), ElementsAre("F", "I", "M"));
  // One cell of text makes the numbers of its column text, too.
  EXPECT_THAT(read("a\n2\nx\n10", {.categories = true}).categories.at("a"), ElementsAre("10", "2", "x"));
}

TEST_F(ReadCsv, ErrorsNameTheLine) {
  refuses("a,b\n1,2\n\n3\n", {}, {path_, "line 4", "1 cells, where 2 are expected", "separator «,»"});
  refuses("a,b\n1,two\n", {}, {"line 2", "cell 2 (column «b») is «two»", ".categories = true", ".na_values"});
  refuses("a,b\n1,2\n", {.header = false}, {"line 1", "«a»", ".header = true"});
  refuses("a\n\"1\n2\n", {}, {"line 2", "not closed"});
  refuses("a,b\n\"1\"x,2\n", {}, {"line 2", "closing quote of cell 1", "«x»"});
  refuses("1,1\n2,3", {}, {"line 1", "two columns are called «1»", ".header = false"});
  refuses("1,2\n", {.names = {"x"}}, {"2 columns, but 1 names were given: x"});
  refuses("\n\n", {}, {"no rows"});
  refuses("a", {.sep = '"'}, {"sep"});
  EXPECT_THAT([] { utils::read_csv("none/none.csv"); }, ThrowsMessage<IOError>(HasSubstr("none/none.csv")));
  EXPECT_THAT([&] { read(std::string("a\0b", 3)); }, ThrowsMessage<IOError>(HasSubstr("no text")));
  const Table table = read("alcohol,quality\n1,2");
  EXPECT_THAT([&] { table.column("alcohl"); },
              ThrowsMessage<ValueError>(AllOf(HasSubstr("«alcohl»"), HasSubstr("Did you mean «alcohol»"))));
  EXPECT_THROW(table.drop({"no"}), ValueError);
  EXPECT_THROW(table.drop({"alcohol", "quality"}), ValueError);
}

}  // namespace
}  // namespace keras
