#include "saving/optimizer_state.h"

#include <fmt/format.h>
#include <keras/error.h>

#include <algorithm>
#include <map>

#include "ops/tensor_node.h"
#include "optimizers/makers.h"
#include "saving/legacy_weights.h"
#include "saving/weights_file.h"

namespace keras::saving {
namespace {

constexpr auto kGroup = "optimizer_weights";

// What only Keras 3 keeps: the products of Nadam's momenta, and Adafactor's placeholders.
constexpr auto kProduct = "product", kPlaceholder = "placeholder";

std::vector<OptimizerBody::Slot> slots_of_keras2(const OptimizerBody& optimizer) {
  std::vector<OptimizerBody::Slot> slots = optimizer.slots();
  std::erase_if(slots, [](const auto& slot) { return slot.kind == kProduct || slot.kind == kPlaceholder; });
  return slots;
}

Variable product_of(const OptimizerBody& optimizer) {
  for (const auto& slot : optimizer.slots()) {
    if (slot.kind == kProduct) return slot.variable;
  }
  return {};
}

std::vector<Variable> variables_of(const std::vector<OptimizerBody::Slot>& slots) {
  std::vector<Variable> variables;
  for (const auto& slot : slots) variables.push_back(slot.variable);
  return variables;
}

// The slots in the order in which Keras 2 kept them: kind by kind, but for Ftrl.
std::vector<Variable> by_kind(const OptimizerBody& optimizer) {
  const std::vector<OptimizerBody::Slot> slots = slots_of_keras2(optimizer);
  if (optimizer.class_name() == "Ftrl") return variables_of(slots);
  std::vector<std::string> kinds;
  for (const auto& slot : slots) {
    if (std::find(kinds.begin(), kinds.end(), slot.kind) == kinds.end()) kinds.push_back(slot.kind);
  }
  std::vector<Variable> list;
  for (const std::string& kind : kinds) {
    for (const auto& slot : slots) {
      if (slot.kind == kind) list.push_back(slot.variable);
    }
  }
  return list;
}

// Optimizers of tf.keras 2.11 and later keep their slots as Keras 3's do, older ones kept them kind by kind. The
// count's name tells them apart in .h5, and .keras has the state of the later ones alone.
constexpr auto kOldCount = "iter:0", kNewCount = "iteration:0";
constexpr auto kOldProduct = "momentum_cache:0";  // Nadam's, of tf.keras before 2.11

bool fit(const std::vector<Variable>& variables, const std::vector<StoredArray>& arrays) {
  return std::equal(variables.begin(), variables.end(), arrays.begin(), arrays.end(),
                    [](const Variable& v, const StoredArray& a) { return v.shape() == a.value.shape(); });
}

void set(const Variable& variable, const StoredArray& array) {
  variable.state()->value = array.own().astype(variable.dtype());
}

}  // namespace

std::vector<StoredArray> read_optimizer_arrays(const support::hdf5::Group& file) {
  std::vector<StoredArray> arrays;
  if (!file.has_group(kGroup)) return arrays;
  const support::hdf5::Group group = file.group(kGroup);
  for (const std::string& name : texts_of(group, "weight_names"))
    arrays.push_back(stored_array(name, group.dataset(name)));
  return arrays;
}

std::vector<StoredArray> optimizer_arrays_of(const Tree& tree) {
  const auto entry = tree.find("optimizer");
  return entry == tree.end() ? std::vector<StoredArray>() : entry->second.arrays;
}

std::string restore_optimizer(OptimizerBody& optimizer, const std::vector<Variable>& trainable,
                              const std::vector<StoredArray>& arrays) {
  const std::string count = arrays.empty() ? "" : arrays[0].name;
  const std::vector<Variable> all = optimizer.variables();
  if (!count.ends_with(kOldCount) && fit(all, arrays)) {  // Keras 3 keeps everything, in its order
    for (std::size_t i = 0; i < all.size(); ++i) set(all[i], arrays[i]);
    return {};
  }

  std::size_t next = 0;
  const auto scalar = [&](bool real) {
    return next < arrays.size() && arrays[next].value.ndim() == 0 && arrays[next].value.dtype().is_floating() == real;
  };
  const StoredArray *iterations = nullptr, *learning_rate = nullptr, *product = nullptr;
  // Keras 1 counted in float32; its count is the only scalar, and so no learning rate.
  if (scalar(false)) {
    iterations = &arrays[next++];
    if (scalar(true)) (arrays[next].name.ends_with(kOldProduct) ? product : learning_rate) = &arrays[next];
    next += product || learning_rate ? 1 : 0;
  } else if (scalar(true)) {
    iterations = &arrays[next++];
  }
  std::vector<StoredArray> slots(arrays.begin() + static_cast<std::ptrdiff_t>(next), arrays.end());
  const bool new_order = learning_rate || count.ends_with(kNewCount) || count.starts_with("optimizer/");
  std::vector<Variable> wanted = new_order ? variables_of(slots_of_keras2(optimizer)) : by_kind(optimizer);
  if (!new_order) {
    // Keras 2's Adam has a placeholder of one number for each maximum that it does not keep.
    const std::size_t extra = slots.size() - std::min(slots.size(), wanted.size());
    const bool placeholders = extra == trainable.size() &&
                              std::all_of(slots.end() - static_cast<std::ptrdiff_t>(extra), slots.end(),
                                          [](const StoredArray& array) { return array.value.shape() == Shape{1}; });
    if (placeholders) slots.resize(wanted.size());
  }
  if (wanted.empty() && slots.size() == trainable.size()) slots.clear();  // tf.keras keeps momenta of 0 too
  if (!fit(wanted, slots)) {
    return fmt::format("the file has {} arrays for the slots of {}, which keeps {}{}", slots.size(),
                       optimizer.class_name(), wanted.size(), slots.size() == wanted.size() ? " of other shapes" : "");
  }
  if (iterations) set(optimizer.iterations(), *iterations);
  if (learning_rate && optimizer.inner().empty() && !optimizer.learning_rate().empty())
    set(optimizer.learning_rate(), *learning_rate);
  for (std::size_t i = 0; i < wanted.size(); ++i) set(wanted[i], slots[i]);
  const Variable own_product = product_of(optimizer);
  if (product && !own_product.empty())
    set(own_product, *product);
  else
    optimizer.complete_state();
  return {};
}

void write_optimizer_h5(support::hdf5::Writer& file, const OptimizerBody& optimizer, OptimizerForm form) {
  const auto name = [](const Variable& variable) { return variable.state()->path + ":0"; };
  NamedArrays arrays;
  if (form == OptimizerForm::keras3) {
    for (const Variable& variable : optimizer.variables()) arrays.emplace_back(name(variable), variable.value());
  } else {
    const bool old = form == OptimizerForm::old;
    arrays.emplace_back(old ? kOldCount : kNewCount, optimizer.iterations().value());
    if (const Variable product = product_of(optimizer); old && !product.empty())
      arrays.emplace_back(fmt::format("{}/{}", optimizer.name(), kOldProduct), product.value());
    for (const Variable& slot : old ? by_kind(optimizer) : variables_of(slots_of_keras2(optimizer)))
      arrays.emplace_back(name(slot), slot.value());
  }
  write_optimizer_arrays(file, arrays);
}

void write_optimizer_arrays(support::hdf5::Writer& file, const NamedArrays& arrays) {
  const std::string group = std::string("/") + kGroup;
  std::vector<std::string> names;
  file.group(group);
  for (const auto& [name, value] : arrays) {
    names.push_back(name);
    write_array(file, group + "/" + name, value);
  }
  write_texts(file, group, "weight_names", names);
}

namespace {
void write_vars(support::hdf5::Writer& file, const std::string& path, const OptimizerBody& optimizer) {
  file.group(path + "/vars");
  file.attribute(path + "/vars", "name", optimizer.name());
  std::size_t i = 0;
  for (const Variable& variable : optimizer.variables())
    write_array(file, fmt::format("{}/vars/{}", path, i++), variable.value());
}
}  // namespace

// Keras stores optimizers within another one twice: with its variables, and by themselves.
void write_optimizer_tree(support::hdf5::Writer& file, const OptimizerBody& optimizer) {
  write_vars(file, "optimizer", optimizer);
  const std::vector<OptimizerBody*> inner = optimizer.inner();
  if (optimizer.class_name() == "LossScaleOptimizer") return write_vars(file, "optimizer/inner_optimizer", *inner[0]);
  std::map<std::string, int> used;
  for (const OptimizerBody* each : inner) {
    const std::string name = optimizers::snake_case(each->class_name());
    const int number = used[name]++;
    write_vars(file, "optimizer/optimizers/" + (number ? fmt::format("{}_{}", name, number) : name), *each);
  }
}

}  // namespace keras::saving
