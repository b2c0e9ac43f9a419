// Pictures, padded sequences and tokenizers against what Keras made of the same.
#include "tests/support/golden.h"

#include <gtest/gtest.h>
#include <keras/preprocessing.h>

namespace keras {
namespace {

using preprocessing::text::Sequences;
using testing::Golden;

const Golden& golden() {
  static const Golden all("preprocessing");
  return all;
}

std::vector<Config> cases_of(const std::string& kind, const std::string& value) {
  std::vector<Config> out;
  for (const Config& c : golden().cases()) {
    if (c.get(kind, "").is_string() && c.get(kind, "").as_string() == value) out.push_back(c);
  }
  EXPECT_FALSE(out.empty()) << value;
  return out;
}

std::string name_of(const Config& c) { return c.at("name").as_string(); }
std::vector<std::string> texts_of(const Config& list) {
  std::vector<std::string> out;
  for (const Config& item : list.items()) out.push_back(item.as_string());
  return out;
}
std::vector<std::vector<std::string>> lists_of(const Config& list) {
  std::vector<std::vector<std::string>> out;
  for (const Config& item : list.items()) out.push_back(texts_of(item));
  return out;
}
Sequences sequences_of(const Config& list) {
  Sequences out;
  for (const Config& sequence : list.items()) {
    out.emplace_back();
    for (const Config& item : sequence.items()) out.back().push_back(item.as_int());
  }
  return out;
}

#if defined(KERAS_WITH_PNG) && defined(KERAS_WITH_JPEG)
std::string picture(const Config& c) {
  const char* root = std::getenv("KERAS_TEST_ROOT");
  return std::string(root ? root : ".") + "/tests/data/" + c.at("file").as_string();
}

TEST(PreprocessingGolden, Pictures) {
  for (const Config& c : cases_of("function", "load_img")) {
    SCOPED_TRACE(name_of(c));
    utils::LoadImgArgs args;
    const Config& given = c.at("args");
    args.color_mode = given.get("color_mode", args.color_mode).as_string();
    args.interpolation = given.get("interpolation", args.interpolation).as_string();
    args.keep_aspect_ratio = given.get("keep_aspect_ratio", false).as_bool();
    if (const Config* size = given.find("target_size")) {
      args.target_size = {size->items()[0].as_int(), size->items()[1].as_int()};
    }
    if (c.contains("error")) continue;  // Pillow cannot; ours may
    const Array expected = golden().array(name_of(c) + "/img");
    const Array img = utils::load_img(picture(c), args);
    EXPECT_EQ(img.dtype(), expected.dtype());
    EXPECT_EQ(img.ndim(), 3);
    ASSERT_EQ(img.size(), expected.size());
    EXPECT_TRUE(identical(img.reshape(expected.shape()), expected)) << img.reshape(expected.shape()) << "\n"
                                                                    << expected;
  }
}
#endif

TEST(PreprocessingGolden, ArraysAndPictures) {
  for (const Config& c : cases_of("function", "array_to_img")) {
    utils::ArrayToImgArgs args;
    args.scale = c.at("args").get("scale", true).as_bool();
    if (c.at("args").contains("data_format")) args.data_format = c.at("args").at("data_format").as_string();
    EXPECT_TRUE(
        identical(utils::array_to_img(golden().array(name_of(c) + "/x"), args), golden().array(name_of(c) + "/img")))
        << name_of(c);
  }
}

TEST(PreprocessingGolden, PaddedSequences) {
  for (const Config& c : cases_of("function", "pad_sequences")) {
    SCOPED_TRACE(name_of(c));
    utils::PadSequencesArgs args;
    const Config& given = c.at("args");
    if (given.contains("maxlen")) args.maxlen = given.at("maxlen").as_int();
    args.dtype = DType(given.get("dtype", "int32").as_string());
    args.padding = given.get("padding", args.padding).as_string();
    args.truncating = given.get("truncating", args.truncating).as_string();
    args.value = given.get("value", args.value).as_real();
    Array out;
    if (name_of(c) == "pad_steps") {
      const std::vector<Array> steps = {Array({{1.5, 2.}, {3., 4.}, {5., 6.}}), Array(), Array({{7., 8.25}})};
      out = utils::pad_sequences(steps, args);
    } else {
      out = utils::pad_sequences(sequences_of(c.at("sequences")), args);
    }
    EXPECT_TRUE(identical(out, golden().array(name_of(c) + "/y"))) << out;
  }
}

TEST(PreprocessingGolden, Words) {
  const Config& c = golden().at("words");
  const auto texts = texts_of(c.at("texts"));
  const auto expected = lists_of(c.at("words"));
  for (std::size_t i = 0; i < texts.size(); ++i) {
    EXPECT_EQ(preprocessing::text::text_to_word_sequence(texts[i]), expected[i]);
  }
}

template <class Texts>
void check_tokenizer(const Config& c, const Texts& texts, const Texts& later) {
  preprocessing::Tokenizer tokenizer(args_of<preprocessing::text::TokenizerArgs>(c.at("args"), "Tokenizer"));
  tokenizer.fit_on_texts(Texts(texts.begin(), texts.begin() + 3));
  tokenizer.fit_on_texts(Texts(texts.begin() + 3, texts.end()));
  EXPECT_EQ(tokenizer.word_index().size(), c.at("word_index").size());
  for (const Config& pair : c.at("word_index").items()) {
    const auto found = tokenizer.word_index().find(pair.items()[0].as_string());
    ASSERT_NE(found, tokenizer.word_index().end()) << pair;
    EXPECT_EQ(found->second, pair.items()[1].as_int()) << pair;
  }
  for (const Config& pair : c.at("word_counts").items()) {
    EXPECT_EQ(tokenizer.word_counts()[pair.items()[0].as_string()], pair.items()[1].as_int()) << pair;
  }
  for (const Config& pair : c.at("word_docs").items()) {
    EXPECT_EQ(tokenizer.word_docs()[pair.items()[0].as_string()], pair.items()[1].as_int()) << pair;
  }
  for (const Config& pair : c.at("index_docs").items()) {
    EXPECT_EQ(tokenizer.index_docs().at(pair.items()[0].as_int()), pair.items()[1].as_int()) << pair;
  }
  Sequences sequences = tokenizer.texts_to_sequences(later);
  EXPECT_EQ(sequences, sequences_of(c.at("sequences")));
  for (const std::string mode : {"binary", "count", "freq", "tfidf"}) {
    const Array expected = golden().array(name_of(c) + "/" + mode), matrix = tokenizer.texts_to_matrix(later, mode);
    ASSERT_EQ(matrix.shape(), expected.shape());
    EXPECT_TRUE(identical(matrix, expected.astype(DType::float32))) << mode << "\n" << matrix << "\n" << expected;
  }
  sequences.push_back({0, 1, 99});
  EXPECT_EQ(tokenizer.sequences_to_texts(sequences), texts_of(c.at("back")));
  std::vector<std::string> keys;
  const Config config = tokenizer.get_config();
  for (const auto& [key, value] : config.entries()) keys.push_back(key);
  EXPECT_EQ(keys, texts_of(c.at("config")));
  EXPECT_EQ(tokenizer.to_json(), c.at("json").as_string());

  const preprocessing::Tokenizer back = preprocessing::tokenizer_from_json(c.at("json").as_string());
  EXPECT_EQ(back.to_json(), c.at("json").as_string());
  EXPECT_EQ(back.texts_to_sequences(later), tokenizer.texts_to_sequences(later));
}

TEST(PreprocessingGolden, Tokenizers) {
  for (const Config& c : cases_of("class", "Tokenizer")) {
    SCOPED_TRACE(name_of(c));
    if (c.at("texts").items()[0].is_list()) {
      check_tokenizer(c, lists_of(c.at("texts")), lists_of(c.at("later")));
    } else {
      check_tokenizer(c, texts_of(c.at("texts")), texts_of(c.at("later")));
    }
  }
}

}  // namespace
}  // namespace keras
