// Words and their numbers: text_to_word_sequence and Tokenizer.
#include <fmt/format.h>
#include <keras/error.h>
#include <keras/preprocessing.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <unordered_set>

#include "preprocessing/utf8.h"
#include "support/text.h"
#include "tensor/format.h"

namespace keras::preprocessing::text {

std::vector<std::string> text_to_word_sequence(const std::string& text, TextToWordSequenceArgs args) {
  if (args.split.empty())
    throw ValueError("text_to_word_sequence: split is empty; it is what parts words, such as \" \".");
  const std::string lowered = args.lower ? lower_case(text) : text;
  const auto filters = characters(args.filters);
  const std::set<std::string_view> filtered(filters.begin(), filters.end());
  std::string spaced;
  for (const std::string_view c : characters(lowered)) {
    if (filtered.contains(c)) {
      spaced += args.split;
    } else {
      spaced += c;
    }
  }
  std::vector<std::string> words;
  for (std::size_t at = 0; at <= spaced.size();) {
    const std::size_t end = std::min(spaced.find(args.split, at), spaced.size());
    if (end > at) words.push_back(spaced.substr(at, end - at));
    at = end + args.split.size();
  }
  return words;
}

Tokenizer::Tokenizer(TokenizerArgs args) : args_(std::move(args)) {
  if (args_.num_words && *args_.num_words < 0) {
    throw ValueError(
        fmt::format("Tokenizer: num_words must be 1 or more, or none for all words; received {}.", *args_.num_words));
  }
  if (args_.num_words == 0) args_.num_words.reset();  // Keras takes 0 for none
  if (args_.split.empty()) throw ValueError("Tokenizer: split is empty; it is what parts words, such as \" \".");
}

std::vector<std::string> Tokenizer::tokens(const std::string& text) const {
  if (args_.char_level) {
    const std::string lowered = args_.lower ? lower_case(text) : text;
    const auto parts = characters(lowered);
    return {parts.begin(), parts.end()};
  }
  if (args_.analyzer) return args_.analyzer(text);
  return text_to_word_sequence(text, {args_.filters, args_.lower, args_.split});
}

std::vector<std::string> Tokenizer::tokens(const std::vector<std::string>& text) const {
  std::vector<std::string> out = text;
  if (args_.lower) {
    for (std::string& token : out) token = lower_case(token);
  }
  return out;
}

void Tokenizer::count(const std::vector<std::string>& tokens) {
  ++args_.document_count;
  std::unordered_set<std::size_t> seen;
  for (const std::string& token : tokens) {
    const auto [at, is_new] = known_.try_emplace(token, words_.size());
    if (is_new) words_.push_back({token});
    ++words_[at->second].count;
    if (seen.insert(at->second).second) ++words_[at->second].docs;
  }
}

void Tokenizer::index() {
  std::vector<const Word*> sorted;
  for (const Word& word : words_) sorted.push_back(&word);
  std::stable_sort(sorted.begin(), sorted.end(), [](const Word* a, const Word* b) { return a->count > b->count; });
  vocabulary_.clear(), word_index_.clear(), index_word_.clear();
  std::int64_t next = 1;
  const auto add = [&](const std::string& word) {
    if (!word_index_.contains(word)) vocabulary_.push_back(word);
    word_index_[word] = next++;
  };
  if (args_.oov_token) add(*args_.oov_token);
  for (const Word* word : sorted) add(word->text);
  for (const std::string& word : vocabulary_) index_word_[word_index_.at(word)] = word;
  for (const Word& word : words_) index_docs_[word_index_.at(word.text)] = word.docs;
}

template <class Texts>
void Tokenizer::fit(const Texts& texts) {
  for (const auto& text : texts) count(tokens(text));
  index();
}

void Tokenizer::fit_on_texts(const std::vector<std::string>& texts) { fit(texts); }
void Tokenizer::fit_on_texts(const std::vector<std::vector<std::string>>& texts) { fit(texts); }

void Tokenizer::fit_on_sequences(const Sequences& sequences) {
  args_.document_count += static_cast<std::int64_t>(sequences.size());
  for (const auto& sequence : sequences) {
    for (const std::int64_t i : std::set<std::int64_t>(sequence.begin(), sequence.end())) ++index_docs_[i];
  }
}

std::vector<std::int64_t> Tokenizer::sequence(const std::vector<std::string>& tokens) const {
  std::int64_t oov = 0;  // none
  if (args_.oov_token) {
    const auto found = word_index_.find(*args_.oov_token);
    if (found == word_index_.end()) {
      throw RuntimeError("Tokenizer: there is no vocabulary yet, not even the oov_token; call fit_on_texts first.");
    }
    oov = found->second;
  }
  std::vector<std::int64_t> out;
  for (const std::string& token : tokens) {
    const auto found = word_index_.find(token);
    const bool counts = found != word_index_.end() && (!args_.num_words || found->second < *args_.num_words);
    if (counts || oov) out.push_back(counts ? found->second : oov);
  }
  return out;
}

Sequences Tokenizer::texts_to_sequences(const std::vector<std::string>& texts) const {
  Sequences out;
  for (const auto& text : texts) out.push_back(sequence(tokens(text)));
  return out;
}

Sequences Tokenizer::texts_to_sequences(const std::vector<std::vector<std::string>>& texts) const {
  Sequences out;
  for (const auto& text : texts) out.push_back(sequence(tokens(text)));
  return out;
}

std::vector<std::string> Tokenizer::sequences_to_texts(const Sequences& sequences) const {
  std::vector<std::string> out;
  for (const auto& sequence : sequences) {
    std::string& text = out.emplace_back();
    bool first = true;
    for (const std::int64_t i : sequence) {
      const auto found = index_word_.find(i);
      const bool counts = found != index_word_.end() && (!args_.num_words || i < *args_.num_words);
      if (!counts && !args_.oov_token) continue;
      if (!first) text += ' ';
      text += counts ? found->second : *args_.oov_token;
      first = false;
    }
  }
  return out;
}

Array Tokenizer::texts_to_matrix(const std::vector<std::string>& texts, const std::string& mode) const {
  return sequences_to_matrix(texts_to_sequences(texts), mode);
}
Array Tokenizer::texts_to_matrix(const std::vector<std::vector<std::string>>& texts, const std::string& mode) const {
  return sequences_to_matrix(texts_to_sequences(texts), mode);
}

Array Tokenizer::sequences_to_matrix(const Sequences& sequences, const std::string& mode) const {
  if (mode != "binary" && mode != "count" && mode != "freq" && mode != "tfidf") {
    throw ValueError(fmt::format("Tokenizer: mode is \"binary\", \"count\", \"freq\" or \"tfidf\"; received \"{}\".{}",
                                 mode, support::did_you_mean(mode, {"binary", "count", "freq", "tfidf"})));
  }
  if (!args_.num_words && word_index_.empty()) {
    throw ValueError("Tokenizer: the number of columns is not known: give num_words, or call fit_on_texts first.");
  }
  if (mode == "tfidf" && args_.document_count == 0) {
    throw ValueError(
        "Tokenizer: mode \"tfidf\" needs to know in how many texts a word stands; call fit_on_texts first.");
  }
  const std::int64_t columns = args_.num_words.value_or(static_cast<std::int64_t>(word_index_.size()) + 1);
  Array out({static_cast<std::int64_t>(sequences.size()), columns}, DType::float64);
  double* row = out.mutable_values<double>().data();
  for (std::size_t n = 0; n < sequences.size(); ++n, row += columns) {
    std::map<std::int64_t, double> counts;
    for (const std::int64_t i : sequences[n]) {
      if (i < 0) throw ValueError(fmt::format("Tokenizer: sequence {} holds {}; indices are 0 or more.", n, i));
      if (i < columns) ++counts[i];
    }
    for (const auto& [i, count] : counts) {
      double& value = row[i];
      if (mode == "binary") value = 1;
      if (mode == "count") value = count;
      if (mode == "freq") value = count / static_cast<double>(sequences[n].size());
      if (mode == "tfidf") {
        const auto docs = index_docs_.find(i);
        const double others = docs == index_docs_.end() ? 0 : static_cast<double>(docs->second);
        value = (1 + std::log(count)) * std::log(1 + static_cast<double>(args_.document_count) / (1 + others));
      }
    }
  }
  return out.astype(config::floatx());
}

std::map<std::string, std::int64_t> Tokenizer::word_counts() const {
  std::map<std::string, std::int64_t> out;
  for (const Word& word : words_) out[word.text] = word.count;
  return out;
}

std::map<std::string, std::int64_t> Tokenizer::word_docs() const {
  std::map<std::string, std::int64_t> out;
  for (const Word& word : words_) out[word.text] = word.docs;
  return out;
}

Config Tokenizer::get_config() const {
  std::vector<Config::Item> counts, docs, indices, words, index_docs;  // Config::set would search each time
  for (const Word& word : words_) counts.emplace_back(word.text, word.count), docs.emplace_back(word.text, word.docs);
  for (const std::string& word : vocabulary_) {
    indices.emplace_back(word, word_index_.at(word));
    words.emplace_back(std::to_string(word_index_.at(word)), word);
  }
  for (const auto& [i, count] : index_docs_) index_docs.emplace_back(std::to_string(i), count);
  Config config = config_of(args_);
  config.set("word_counts", Config::map(std::move(counts)).to_json());
  config.set("word_docs", Config::map(std::move(docs)).to_json());
  config.set("index_docs", Config::map(std::move(index_docs)).to_json());
  config.set("index_word", Config::map(std::move(words)).to_json());
  config.set("word_index", Config::map(std::move(indices)).to_json());
  return config;
}

std::string Tokenizer::to_json() const {
  return Config::map({{"class_name", "Tokenizer"}, {"config", get_config()}}).to_json();
}

namespace {

// The table `key` of a tokenizer's configuration, which Keras writes as JSON in a string.
Config table(const Config& config, const char* key) {
  const Config map = Config::from_json(config.at(key).as_string());
  if (map.is_map()) return map;
  throw ValueError(fmt::format("tokenizer_from_json: {} is no table of words and numbers.", key));
}

std::int64_t whole(const char* key, const std::string& text) {
  if (const auto value = support::parse_int(text)) return *value;
  throw ValueError(fmt::format("tokenizer_from_json: {} has the key «{}», which is no whole number.", key,
                               support::printable(text)));
}

}  // namespace

Tokenizer tokenizer_from_json(const std::string& json) {
  const Config all = Config::from_json(json);
  if (!all.is_map() || !all.contains("config")) {
    throw ValueError(
        "tokenizer_from_json: the text is no tokenizer: a table with \"class_name\" and \"config\" is expected, as "
        "to_json() writes it.");
  }
  Config config = all.at("config");
  const Config counts = table(config, "word_counts"), docs = table(config, "word_docs");
  const Config indices = table(config, "word_index"), words = table(config, "index_word"),
               index_docs = table(config, "index_docs");
  for (const char* key : {"word_counts", "word_docs", "word_index", "index_word", "index_docs"}) config.erase(key);
  Tokenizer out(args_of<TokenizerArgs>(config, "Tokenizer"));
  for (const auto& [word, count] : counts.entries()) {
    out.known_[word] = out.words_.size();
    out.words_.push_back({word, count.as_int()});
  }
  for (const auto& [word, count] : docs.entries()) {
    const auto found = out.known_.find(word);
    if (found == out.known_.end()) {
      throw ValueError(
          fmt::format("tokenizer_from_json: word_docs has «{}», which word_counts has not.", support::printable(word)));
    }
    out.words_[found->second].docs = count.as_int();
  }
  for (const auto& [word, i] : indices.entries()) {
    out.vocabulary_.push_back(word);
    out.word_index_[word] = i.as_int();
  }
  for (const auto& [i, word] : words.entries()) out.index_word_[whole("index_word", i)] = word.as_string();
  for (const auto& [i, count] : index_docs.entries()) out.index_docs_[whole("index_docs", i)] = count.as_int();
  return out;
}

}  // namespace keras::preprocessing::text
