// keras::preprocessing: pictures, tables and texts from files into Arrays.
#pragma once

#include <keras/array.h>
#include <keras/fields.h>

#include <functional>
#include <limits>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <type_traits>
#include <unordered_map>
#include <utility>
#include <vector>

namespace keras {
namespace utils {

struct LoadImgArgs {
  std::string color_mode = "rgb";         // or "grayscale", "rgba"
  MaybeInts<2> target_size = {};          // height, width; the picture's own if none
  std::string interpolation = "nearest";  // or "bilinear", "bicubic", "lanczos", "box", "hamming"
  bool keep_aspect_ratio = false;         // cut to the shape of target_size around the middle, then resized
};
// The picture of a PNG or JPEG file, whatever its name, as uint8 (height, width, channels): 1 channel for grayscale, 3
// for rgb, 4 for rgba. A grey picture of 16 bits read as grayscale is uint16. Colours, greys and sizes come out as in
// Keras, which leaves the work to Pillow. IOError for a file of another format or a damaged one (with more than
// 178,956,970 pixels, too), ValueError for wrong arguments, NotImplementedError in a build without libpng or libjpeg.
// Keras 3: keras.utils.load_img.
KERAS_API Array load_img(const std::string& path, LoadImgArgs args = {});

struct ImgToArrayArgs {
  std::optional<std::string> data_format = {};  // "channels_last" or "channels_first"; the global setting if none
  std::optional<DType> dtype = {};              // floatx if none
};
// A picture of (height, width, channels) or (height, width) as numbers, with 3 axes. The values stay: 0 to 255.
KERAS_API Array img_to_array(const Array& img, ImgToArrayArgs args = {});

struct ArrayToImgArgs {
  std::optional<std::string> data_format = {};
  bool scale = true;  // from the smallest and largest value to 0 and 255
};
// The opposite: uint8 (height, width, channels) of an Array of 3 axes with 1, 3 or 4 channels. int32 of one channel
// with values above 255, which only come without `scale`.
KERAS_API Array array_to_img(const Array& x, ArrayToImgArgs args = {});

struct SaveImgArgs {
  std::optional<std::string> data_format = {};
  std::optional<std::string> file_format = {};  // "png", "jpeg" or "jpg"; by the name of the file if none
  bool scale = true;                            // as in array_to_img
  int quality = 75;                             // of JPEG, 1 to 100
};
// Writes array_to_img(x), at once and whole. One channel with values above 255 becomes PNG of 16 bits; of 4 channels
// JPEG keeps the colours, with a warning. ValueError for another format, IOError, NotImplementedError as above.
KERAS_API void save_img(const std::string& path, const Array& x, SaveImgArgs args = {});

struct ReadCsvArgs {
  char sep = ',';                           // between the cells of a row
  bool header = true;                       // whether the first row has the names of the columns
  std::vector<std::string> names = {};      // of the columns, instead of the header's; "0", "1", … without either
  std::vector<std::string> na_values = {};  // what stands for a missing value beside "", NA, N/A, NaN, null, None, …
  double missing = std::numeric_limits<double>::quiet_NaN();  // what a missing value becomes
  bool categories = false;          // columns of text become numbers: the index in their sorted values
  std::int64_t skip_rows = 0;       // lines before the header that are no part of the table
  std::optional<DType> dtype = {};  // floatx if none
};
// A table read from text: rows of numbers, with names for the columns.
struct KERAS_API Table {
  std::vector<std::string> columns;
  std::map<std::string, std::vector<std::string>> categories;  // of the columns of text: what 0, 1, … stand for
  Array values;                                                // (rows, columns)

  std::int64_t length() const { return values.shape(0); }
  // The column as (rows,); several as (rows, n) in the order asked for. ValueError with a suggestion for no such name.
  Array column(const std::string& name) const;
  Array select(const std::vector<std::string>& names) const;
  Array drop(const std::vector<std::string>& names) const;  // all but these
};
// Reads comma-separated values: quoted cells ("a, ""b""") and any kind of line end; empty lines do not count. Numbers
// are read in C's notation whatever the locale. ValueError with line and column for a row of another length than the
// first, for a cell that is no number (unless `categories`), and for a quote that is not closed; IOError.
KERAS_API Table read_csv(const std::string& path, ReadCsvArgs args = {});

struct PadSequencesArgs {
  std::optional<std::int64_t> maxlen = {};  // the longest sequence if none
  DType dtype = DType::int32;
  std::string padding = "pre";     // or "post": where the padding goes
  std::string truncating = "pre";  // or "post": where a sequence that is too long is cut
  double value = 0;
};
// (sequences, maxlen, …) from sequences of different lengths; their steps may have a shape, the same in all. ValueError
// for another shape, naming the sequence. Keras 3 and 2.2.4: pad_sequences.
KERAS_API Array pad_sequences(const std::vector<Array>& sequences, PadSequencesArgs args = {});
template <class T>
requires(std::is_arithmetic_v<T> && !std::is_same_v<T, bool>) Array
    pad_sequences(const std::vector<std::vector<T>>& sequences, PadSequencesArgs args = {}) {
  std::vector<Array> views;
  views.reserve(sequences.size());
  for (const std::vector<T>& each : sequences) {
    views.push_back(Array::view(std::span<const T>(each), {static_cast<std::int64_t>(each.size())}));
  }
  return pad_sequences(views, std::move(args));
}

}  // namespace utils

namespace preprocessing {
namespace image {
using utils::array_to_img;
using utils::img_to_array;
using utils::load_img;
using utils::save_img;
}  // namespace image
namespace sequence {
using utils::pad_sequences;
}
using utils::pad_sequences;

namespace text {

inline constexpr const char* kFilters = "!\"#$%&()*+,-./:;<=>?@[\\]^_`{|}~\t\n";

struct TextToWordSequenceArgs {
  std::string filters = kFilters;  // characters that part words as `split` does
  bool lower = true;
  std::string split = " ";
};
// The words of a text. Texts are UTF-8; a filter is a character, not a byte. Lower case covers Latin, Greek and
// Cyrillic letters.
KERAS_API std::vector<std::string> text_to_word_sequence(const std::string& text, TextToWordSequenceArgs args = {});

using Sequences = std::vector<std::vector<std::int64_t>>;

struct TokenizerArgs {
  std::optional<std::int64_t> num_words = {};  // only words with an index below it count; all if none
  std::string filters = kFilters;
  bool lower = true;
  std::string split = " ";
  bool char_level = false;                    // characters instead of words; nothing is filtered
  std::optional<std::string> oov_token = {};  // gets index 1 and stands for words that have no index
  std::int64_t document_count = 0;
  std::function<std::vector<std::string>(const std::string& text)> analyzer = {};  // how a text is cut, if given
  static void fields(auto&& f) {
    using A = TokenizerArgs;
    f("num_words", &A::num_words, "Only words with an index below it count.", was("nb_words"));
    f("filters", &A::filters, "Characters that part words.");
    f("lower", &A::lower, "Whether capital letters count as small ones.");
    f("split", &A::split, "What parts words.");
    f("char_level", &A::char_level, "Whether every character is a token.");
    f("oov_token", &A::oov_token, "What stands for words without an index.");
    f("document_count", &A::document_count, "Texts seen.");
  }
};

// Words to numbers, the most frequent word first: 1, 2, … (0 is for padding). Words as frequent as each other stand in
// the order they were met. A text is a string, or a list of tokens, which is neither filtered nor split. A value:
// copies are independent. Const members are safe to call from many threads. keras_preprocessing 1.0.5, tf_keras 2.21.
class KERAS_API Tokenizer {
 public:
  Tokenizer(TokenizerArgs args = {});

  void fit_on_texts(const std::vector<std::string>& texts);
  void fit_on_texts(const std::vector<std::vector<std::string>>& texts);
  void fit_on_sequences(const Sequences& sequences);

  Sequences texts_to_sequences(const std::vector<std::string>& texts) const;
  Sequences texts_to_sequences(const std::vector<std::vector<std::string>>& texts) const;
  std::vector<std::string> sequences_to_texts(const Sequences& sequences) const;
  // (texts, num_words), or as many columns as words + 1. mode: "binary", "count", "freq" (count / length) or "tfidf".
  // The dtype is floatx (Keras: float64). ValueError without num_words before fitting.
  Array texts_to_matrix(const std::vector<std::string>& texts, const std::string& mode = "binary") const;
  Array texts_to_matrix(const std::vector<std::vector<std::string>>& texts, const std::string& mode = "binary") const;
  Array sequences_to_matrix(const Sequences& sequences, const std::string& mode = "binary") const;

  const TokenizerArgs& args() const { return args_; }
  std::int64_t document_count() const { return args_.document_count; }
  const std::unordered_map<std::string, std::int64_t>& word_index() const { return word_index_; }
  const std::map<std::int64_t, std::string>& index_word() const { return index_word_; }
  const std::map<std::int64_t, std::int64_t>& index_docs() const { return index_docs_; }
  std::map<std::string, std::int64_t> word_counts() const;
  std::map<std::string, std::int64_t> word_docs() const;  // the number of texts that have the word

  // Arguments and vocabulary as Keras writes them, and {"class_name": "Tokenizer", "config": …} as text. The analyzer
  // is no part of it.
  Config get_config() const;
  std::string to_json() const;

 private:
  friend KERAS_API Tokenizer tokenizer_from_json(const std::string& json);
  struct Word {
    std::string text;
    std::int64_t count = 0, docs = 0;
  };
  std::vector<std::string> tokens(const std::string& text) const;
  std::vector<std::string> tokens(const std::vector<std::string>& text) const;
  void count(const std::vector<std::string>& tokens);
  void index();
  std::vector<std::int64_t> sequence(const std::vector<std::string>& tokens) const;
  template <class Texts>
  void fit(const Texts& texts);

  TokenizerArgs args_;
  std::vector<Word> words_;                             // in the order they were met
  std::unordered_map<std::string, std::size_t> known_;  // where in words_
  std::vector<std::string> vocabulary_;                 // the keys of word_index_, in Keras's order
  std::unordered_map<std::string, std::int64_t> word_index_;
  std::map<std::int64_t, std::string> index_word_;
  std::map<std::int64_t, std::int64_t> index_docs_;
};

// What to_json wrote, here or in Keras. ValueError says what is wrong with it.
KERAS_API Tokenizer tokenizer_from_json(const std::string& json);

}  // namespace text
using text::Tokenizer;
using text::tokenizer_from_json;
}  // namespace preprocessing
}  // namespace keras
