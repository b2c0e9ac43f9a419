// Weights as NumPy archives: named <layer>/<weight> here, or arr_0, arr_1, … in the order of get_weights(), as
// np.savez(path, *model.get_weights()) writes them.
#include "saving/npz_weights.h"

#include <keras/models.h>

#include <algorithm>
#include <map>

#include "support/text.h"

namespace keras {
namespace saving {

Assignment read_npz_weights(const std::string& path, const Layer& model) {
  std::map<std::string, Array> arrays = load_npz(path);
  const auto numbered = [&](std::size_t i) { return "arr_" + std::to_string(i); };
  const bool in_order = !arrays.empty() && std::all_of(arrays.begin(), arrays.end(), [](const auto& entry) {
    return entry.first.starts_with("arr_") && support::parse_int(entry.first.substr(4));
  });
  Assignment assignment;
  const auto weights = named_weights(model);
  for (std::size_t i = 0; i < weights.size(); ++i) {
    const auto& [name, variable] = weights[i];
    const auto found = arrays.find(in_order ? numbered(i) : name);
    if (found == arrays.end()) {
      assignment.missing(variable, name);
      continue;
    }
    assignment.give(variable, name, {found->first, std::move(found->second)});
    arrays.erase(found);
  }
  for (auto& [name, array] : arrays) assignment.unused({name, std::move(array)});
  return assignment;
}

void write_npz_weights(const std::string& path, const Layer& model) {
  NamedArrays arrays;
  for (const auto& [name, variable] : named_weights(model)) arrays.emplace_back(name, variable.value());
  save_npz(path, arrays);
}

}  // namespace saving

void Model::save_weights_npz(const std::string& path) const { saving::write_npz_weights(path, *this); }

}  // namespace keras
