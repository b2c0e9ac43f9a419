// Data beyond Arrays, the defaults of a Sequence, and Shuffle.
#include <fmt/format.h>
#include <keras/data.h>
#include <keras/error.h>

#include "support/text.h"

namespace keras {

struct Data::Source {
  std::optional<utils::Sequence> sequence;
  Generator generator;
  bool endless = false;
  std::vector<utils::HDF5Matrix> matrices;
};

Data::Data(const utils::HDF5Matrix& matrix) : Data(std::vector<utils::HDF5Matrix>{matrix}) {}
Data::Data(const std::vector<utils::HDF5Matrix>& matrices) : count_(matrices.size()) {
  if (count_ == 0) return;
  Source source;
  source.matrices = matrices;
  source_ = std::make_shared<const Source>(std::move(source));
}
Data::Data(const std::vector<std::pair<std::string, utils::HDF5Matrix>>& matrices) {
  std::vector<utils::HDF5Matrix> all;
  std::vector<std::string> names;
  for (const auto& [name, matrix] : matrices) names.push_back(name), all.push_back(matrix);
  *this = Data(all);
  names_ = std::move(names);
}
Data::Data(const utils::Sequence& sequence) : count_(1) {
  Source source;
  source.sequence = sequence;
  source_ = std::make_shared<const Source>(std::move(source));
}
Data::Data(Generator generator, bool endless) : count_(1) {
  Source source;
  source.generator = std::move(generator);
  source.endless = endless;
  source_ = std::make_shared<const Source>(std::move(source));
}

const utils::Sequence* Data::sequence() const { return source_ && source_->sequence ? &*source_->sequence : nullptr; }
const Generator* Data::generator() const { return source_ && source_->generator ? &source_->generator : nullptr; }
bool Data::endless() const { return source_ && source_->endless; }
std::span<const utils::HDF5Matrix> Data::matrices() const {
  if (!source_) return {};
  return source_->matrices;
}

std::string Data::kind() const {
  if (sequence()) return "a Sequence";
  if (generator()) return "a generator";
  if (!matrices().empty()) return "an HDF5Matrix";
  return "Arrays";
}

void Data::refuse() const {
  throw TypeError(
      fmt::format("This takes data as Arrays. Received: {}.{}", kind(),
                  matrices().empty() ? " fit, evaluate and predict take it." : " Its slice() gives rows as an Array."));
}

namespace utils {
SequenceBody::~SequenceBody() = default;
std::int64_t SequenceBody::length() const {
  throw NotImplementedError(
      "A Sequence must say how many batches it has: give its body std::int64_t length() const, or num_batches() that "
      "returns none for one without end.");
}
Batch SequenceBody::get(std::int64_t) {
  throw NotImplementedError("A Sequence must make its batches: give its body Batch get(std::int64_t index).");
}
}  // namespace utils

Shuffle::Shuffle(const std::string& kind) : batches_(true) {
  if (kind != "batch") {
    throw ValueError(
        fmt::format("shuffle must be true, false or \"batch\". Received: \"{}\".", support::printable(kind)));
  }
}
Config as_config(const Shuffle& shuffle) { return shuffle.batches() ? Config("batch") : Config(shuffle.samples()); }
void read_config(const Config& config, Shuffle& shuffle) {
  shuffle = config.is_string() ? Shuffle(config.as_string()) : Shuffle(config.as_bool());
}

}  // namespace keras
