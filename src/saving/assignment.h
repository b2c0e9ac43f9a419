// What a loader means to do: which variable gets which array. Nothing is given to the model until all is known to fit.
#pragma once

#include <keras/models.h>
#include <keras/tensor.h>

#include <optional>
#include <string>
#include <vector>

#include "saving/stored.h"

namespace keras::saving {

class Assignment {
 public:
  // `path`: the variable, as messages and the report name it.
  void give(const Variable& variable, std::string path, StoredArray array);
  void missing(const Variable& variable, std::string path);  // the file has nothing for it
  void unused(StoredArray array);                            // the model has no place for it

  // Gives the arrays to the variables, in the variables' dtypes. Where some do not fit, or are missing, ValueError with
  // the file's arrays and the model's variables side by side; with skip_mismatch these stay as they are. `partial`:
  // what is missing in the file is no mistake.
  LoadReport commit(const std::string& file, const std::string& model, bool skip_mismatch, bool partial = false);

 private:
  struct Pair {
    Variable variable;  // empty: the model has none
    std::string path;
    std::optional<StoredArray> array;
    bool fits() const;
  };
  std::string table() const;

  std::vector<Pair> pairs_;
};

}  // namespace keras::saving
