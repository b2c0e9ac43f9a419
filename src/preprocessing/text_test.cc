// Errors and corners of pad_sequences and Tokenizer; what Keras makes of the same is in golden_test.cc.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <keras/error.h>
#include <keras/preprocessing.h>

#include "preprocessing/utf8.h"

namespace keras {
namespace {

using preprocessing::Tokenizer;
using preprocessing::text::TokenizerArgs;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

TEST(PadSequences, TakesNumbersOfAnyTypeAndLists) {
  EXPECT_THAT(utils::pad_sequences(std::vector<std::vector<int>>{{1, 2}, {3}}).values<std::int32_t>(),
              ElementsAre(1, 2, 0, 3));
  EXPECT_THAT(
      utils::pad_sequences(std::vector<std::vector<double>>{{1.5}, {}}, {.dtype = DType::float32}).values<float>(),
      ElementsAre(1.5, 0));
  EXPECT_THAT(utils::pad_sequences({{1, 2}, {3}}).values<std::int32_t>(), ElementsAre(1, 2, 0, 3));
  EXPECT_EQ(preprocessing::sequence::pad_sequences(std::vector<std::vector<int>>{}).shape(), Shape({0, 0}));
  EXPECT_EQ(utils::pad_sequences(std::vector<std::vector<int>>{{}, {}}).shape(), Shape({2, 0}));
}

TEST(PadSequences, Errors) {
  const std::vector<std::vector<int>> two = {{1, 2}, {3}};
  EXPECT_THAT([&] { utils::pad_sequences(two, {.padding = "prre"}); },
              ThrowsMessage<ValueError>(AllOf(HasSubstr("padding"), HasSubstr("\"prre\""), HasSubstr("«pre»"))));
  EXPECT_THAT([&] { utils::pad_sequences(two, {.truncating = "left"}); },
              ThrowsMessage<ValueError>(AllOf(HasSubstr("truncating"), HasSubstr("left"))));
  EXPECT_THAT([&] { utils::pad_sequences(two, {.maxlen = 0}); }, ThrowsMessage<ValueError>(HasSubstr("received 0")));
  const std::vector<Array> uneven = {zeros({2, 3}), zeros({2, 4})};
  EXPECT_THAT([&] { utils::pad_sequences(uneven); },
              ThrowsMessage<ValueError>(AllOf(HasSubstr("sequence 1 have shape (4,)"), HasSubstr("(3,)"))));
  EXPECT_THAT([&] { utils::pad_sequences(std::vector<Array>{Array::scalar(1)}); },
              ThrowsMessage<ValueError>(HasSubstr("sequence 0 is a single number")));
}

TEST(Utf8, BrokenBytesCountAsCharacters) {
  EXPECT_EQ(preprocessing::characters("a\xFF\xC3").size(), 3u);
  EXPECT_EQ(preprocessing::lower_case("A\xFF\xC3"), "a\xFF\xC3");
  EXPECT_THAT(preprocessing::characters("ä日😀"), ElementsAre("ä", "日", "😀"));
  EXPECT_EQ(preprocessing::lower_case("ÀÖ×ÞĀŁŽŸΆΏΩЀЯ日"), "àö×þāłžÿάώωѐя日");
}

TEST(Tokenizer, IsAValue) {
  Tokenizer one;
  one.fit_on_texts(std::vector<std::string>{"a b"});
  Tokenizer two = one;
  two.fit_on_texts(std::vector<std::string>{"c"});
  EXPECT_EQ(one.word_index().size(), 2u);
  EXPECT_EQ(two.word_index().size(), 3u);
  EXPECT_EQ(two.document_count(), 2);
}

TEST(Tokenizer, AnAnalyzerCutsTexts) {
  Tokenizer tokenizer({.analyzer = [](const std::string& text) {
    return std::vector<std::string>{text.substr(0, 1), text};
  }});
  tokenizer.fit_on_texts(std::vector<std::string>{"ab", "ac"});
  EXPECT_EQ(tokenizer.word_index().at("a"), 1);
  EXPECT_EQ(tokenizer.word_counts().at("ac"), 1);
}

TEST(Tokenizer, FitsOnSequences) {  // tf_keras: index_docs {1: 2, 2: 1}, document_count 2
  Tokenizer tokenizer({.num_words = 4});
  tokenizer.fit_on_sequences({{1, 1, 2}, {1}});
  EXPECT_EQ(tokenizer.index_docs().at(1), 2);
  EXPECT_EQ(tokenizer.index_docs().at(2), 1);
  EXPECT_EQ(tokenizer.document_count(), 2);
  EXPECT_EQ(tokenizer.sequences_to_matrix({{1, 2, 9}}, "tfidf").shape(), Shape({1, 4}));
}

TEST(Tokenizer, Errors) {
  const std::vector<std::string> texts = {"a b"};
  EXPECT_THAT([&] { Tokenizer().texts_to_matrix(texts); }, ThrowsMessage<ValueError>(HasSubstr("fit_on_texts first")));
  EXPECT_THAT([&] { Tokenizer({.num_words = 3}).texts_to_matrix(texts, "tfidf"); },
              ThrowsMessage<ValueError>(HasSubstr("tfidf")));
  EXPECT_THAT([&] { Tokenizer({.num_words = 3}).texts_to_matrix(texts, "binnary"); },
              ThrowsMessage<ValueError>(AllOf(HasSubstr("\"binnary\""), HasSubstr("«binary»"))));
  EXPECT_THAT([&] { Tokenizer({.oov_token = "?"}).texts_to_sequences(texts); },
              ThrowsMessage<RuntimeError>(HasSubstr("fit_on_texts first")));
  EXPECT_THAT([] { Tokenizer({.num_words = -2}); }, ThrowsMessage<ValueError>(HasSubstr("received -2")));
  EXPECT_THAT([] { Tokenizer({.split = ""}); }, ThrowsMessage<ValueError>(HasSubstr("split is empty")));
  EXPECT_THAT(
      [] {
        Tokenizer({.num_words = 3}).sequences_to_matrix({{1}, {-1}});
      },
      ThrowsMessage<ValueError>(AllOf(HasSubstr("sequence 1"), HasSubstr("-1"))));
  EXPECT_THROW(preprocessing::text::text_to_word_sequence("a", {.split = ""}), ValueError);
}

TEST(Tokenizer, DamagedJsonIsRefused) {
  EXPECT_THROW(preprocessing::tokenizer_from_json("{"), ValueError);
  EXPECT_THAT([] { preprocessing::tokenizer_from_json("{}"); }, ThrowsMessage<ValueError>(HasSubstr("no tokenizer")));
  EXPECT_THAT([] { preprocessing::tokenizer_from_json(R"({"config": {}})"); },
              ThrowsMessage<ValueError>(HasSubstr("word_counts")));
  const auto with = [](const std::string& key, const Config& value) {
    Config config = Tokenizer().get_config();
    config.set(key, value);
    return Config::map({{"config", config}}).to_json();
  };
  EXPECT_THAT([&] { preprocessing::tokenizer_from_json(with("word_counts", "[1]")); },
              ThrowsMessage<ValueError>(HasSubstr("word_counts is no table")));
  EXPECT_THAT([&] { preprocessing::tokenizer_from_json(with("index_word", R"({"one": "a"})")); },
              ThrowsMessage<ValueError>(AllOf(HasSubstr("index_word"), HasSubstr("«one»"))));
  EXPECT_THAT([&] { preprocessing::tokenizer_from_json(with("word_docs", R"({"a": 1})")); },
              ThrowsMessage<ValueError>(HasSubstr("«a»")));
  EXPECT_THAT([&] { preprocessing::tokenizer_from_json(with("lowr", true)); },
              ThrowsMessage<ValueError>(AllOf(HasSubstr("lowr"), HasSubstr("lower"))));
}

}  // namespace
}  // namespace keras
